"""Subscribes the follow-up records to relations that begin and end."""

from wecom_tollbooth.families.follow_ups.relations import relation_begun, relation_ended
from wecom_tollbooth.families.relations.lifecycle import AFTER_RELATION_BEGUN, AFTER_RELATION_ENDED

AFTER_RELATION_BEGUN.append(relation_begun)
AFTER_RELATION_ENDED.append(relation_ended)
