"""The family's declaration."""

from wecom_tollbooth.gateway.operation import Family

family = Family("member_tags", "成员标签", "Member tags")
