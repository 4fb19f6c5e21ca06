"""Corps that the tests of several families begin with."""

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import follow, new_contact, new_member
from tests.families.follow_ups.records import FollowUps


@pytest.fixture
def empty_corp(server: RunningServer) -> Corp:
    """A corp with zhangsan and lisi and without customers."""
    corp = server.make_corp()
    for userid in ("zhangsan", "lisi"):
        new_member(corp, userid)
    return corp


@pytest.fixture
def untagged(server: RunningServer) -> WeCom:
    """A corp without tags; zhangsan follows wmA and wmB, lisi follows wmA."""
    corp = server.make_corp()
    for userid in ("zhangsan", "lisi"):
        new_member(corp, userid)
    for number, customer in enumerate(("wmA", "wmB")):
        follow(corp, new_contact(corp, customer), seq=number + 1)
    follow(corp, "wmA", "lisi")
    return corp.client()


@pytest.fixture
def ups(wecom: WeCom) -> FollowUps:
    """The follow-up records of a demo corp, without any yet."""
    return FollowUps(wecom)
