"""Fixtures of the tests of member tags."""

import pytest

from tests.conftest import Corp, RunningServer, WeCom
from tests.families.factories import new_member


@pytest.fixture
def shops(server: RunningServer) -> Corp:
    """Department 20 with anna, 30 below it with ben; carl in the root."""
    corp = server.make_corp()
    directory = corp.client(corp.app_of_kind("contacts_sync"))
    for id_, above in ((20, 1), (30, 20)):
        reply = directory.post("department/create", name=f"门店{id_}", parentid=above, id=id_)
        assert reply["errcode"] == 0, reply
    for userid, department in (("anna", 20), ("ben", 30), ("carl", 1)):
        new_member(corp, userid, department=department)
    return corp


@pytest.fixture
def own(shops: Corp) -> WeCom:
    """A self-built app that sees everybody."""
    return shops.client()


@pytest.fixture
def sync(shops: Corp) -> WeCom:
    """The 通讯录同步 secret."""
    return shops.client(shops.app_of_kind("contacts_sync"))
