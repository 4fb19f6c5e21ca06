"""Subscribers to relation changes are declared in one list and called in its order."""

import importlib
import pkgutil

import pytest

from wecom_tollbooth import families
from wecom_tollbooth.families.relation_subscribers import SUBSCRIBERS
from wecom_tollbooth.families.relations import subscribers
from wecom_tollbooth.families.relations.subscribers import Subscriber


def test_the_list_is_called_in_its_order() -> None:
    assert subscribers.declared() == list(SUBSCRIBERS)
    assert [subscriber.name for subscriber in SUBSCRIBERS] == [
        "customer groups",
        "corp tags",
        "temporary sessions",
        "chats of acquisition links",
        "follow-ups",
        "welcome messages",
        "the log of members' operations",
    ]


def test_every_subscriber_of_a_family_is_in_the_list() -> None:
    found = set()
    for module in pkgutil.walk_packages(families.__path__, f"{families.__name__}."):
        values = vars(importlib.import_module(module.name)).values()
        found |= {id(value) for value in values if isinstance(value, Subscriber)}
    assert found == {id(subscriber) for subscriber in SUBSCRIBERS}


def test_a_second_list_of_subscribers_is_refused() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        subscribers.declare_subscribers(*SUBSCRIBERS)
