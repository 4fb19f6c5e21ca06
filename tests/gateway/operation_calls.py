"""Calls of every operation in one corp, and what each answer must have."""

import functools
import json
import typing
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import TypeAdapter

from tests.conftest import Corp, RunningServer
from tests.families.factories import act
from tests.families.sheets import Sheet
from tests.families.uploads import Uploads, png
from tests.gateway.bodies import Place, places
from tests.in_process import Answer, InProcess
from tests.providers import Provider
from wecom_tollbooth.corps.app_kinds import OF_PROVIDERS, AppKind
from wecom_tollbooth.db import table_of
from wecom_tollbooth.families import load_families
from wecom_tollbooth.gateway import shapes
from wecom_tollbooth.gateway.errcodes import Refusal
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.gateway.permissions import HOLDERS
from wecom_tollbooth.gateway.tables import AccessToken, ProviderToken

OPERATIONS = list(load_families())
WITH_TOKEN = [operation for operation in OPERATIONS if operation.token]
POSTED = [operation for operation in OPERATIONS if not operation.fields_in_address]
"""Their fields are in a JSON body."""
ENVELOPE = ("errcode", "errmsg")
JSON = "application/json; charset=UTF-8"
IMAGE_IN_A_FORM = (
    b'--sep\r\nContent-Disposition: form-data; name="media"; filename="a.png"\r\n\r\n%b\r\n--sep--\r\n'
    % png()
)


def name_of(value: object) -> str:
    if isinstance(value, Operation):
        return value.name
    return value.name if isinstance(value, Place) else str(value)


def each(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=name_of)


def each_with_places(operations: list[Operation], wanted: Callable[[Place], object]) -> pytest.MarkDecorator:
    """Every operation with the places in its request that `wanted` says yes to, where there are any."""
    found = [(one, [place for place in places(one.request_model) if wanted(place)]) for one in operations]
    given = [pytest.param(one, some, id=one.name) for one, some in found if some]
    return pytest.mark.parametrize(("operation", "places_in_it"), given)


class World:
    """A corp with an app of each kind, and existing ids."""

    def __init__(self, server: RunningServer, members: int = 5) -> None:
        self.corp: Corp = server.make_corp(seed="demo", members=members)
        self.api = InProcess(server)
        self.provider = Provider(server)
        self.tokens = {kind: self._token(kind) for kind in AppKind}
        self.of_provider = {**self.provider.suite_token(), **self.provider.provider_token()}
        self.keys = {"webhook": self._key_of_a_webhook(), "group_robot": self._key_of_a_robot()}
        self.expired = {
            "access_token": self._expired_token(),
            **self._expired_tokens_of_a_provider(),
            "key": self._key_of_a_webhook(removed=True),
        }
        self.ids = self._ids()
        self.uploads = Uploads(self.corp.client())

    def _token(self, kind: AppKind) -> str:
        if kind in OF_PROVIDERS:
            return self.provider.app_in(self.corp, kind).token
        return self.corp.client(self.corp.new_app(kind=kind)).token

    def _expired_token(self) -> str:
        token = self._token(AppKind.SELF_BUILT)
        now = self.corp.server.sim.get("/clock").json()["now"]
        table = table_of(AccessToken)
        with self.corp.server.server.database.transaction() as tx:
            tx.execute(sa.update(table).where(table.c.token == token).values(expires_at=now - 1))
        return token

    def _expired_tokens_of_a_provider(self) -> dict[str, str]:
        provider = Provider(self.corp.server)
        given = {**provider.suite_token(), **provider.provider_token()}
        now = self.corp.server.sim.get("/clock").json()["now"]
        table = table_of(ProviderToken)
        with self.corp.server.server.database.transaction() as tx:
            ended = sa.update(table).where(table.c.corp_id == provider.id).values(expires_at=now - 1)
            tx.execute(ended)
        return given

    def _key_of_a_webhook(self, *, removed: bool = False) -> str:
        sheet = Sheet(self.corp.client())
        where = {"docid": sheet.docid, "sheet_id": sheet.sheet_id}
        webhook = act(self.corp, "member_opens_webhook", userid="zhangsan", **where)
        if removed:
            act(self.corp, "member_closes_webhook", webhook_id=webhook["webhook_id"])
        return str(webhook["key"])

    def _key_of_a_robot(self) -> str:
        fields = {"userid": "zhangsan", "members": ["lisi"]}
        return str(act(self.corp, "member_adds_group_robot", **fields)["key"])

    def _ids(self) -> dict[str, str]:
        """One existing id of each kind, by the name of the field that takes it."""
        wecom = self.corp.client()
        customers = {
            userid: wecom.get("externalcontact/list", userid=userid).get("external_userid", [])
            for userid in wecom.get("externalcontact/get_follow_user_list")["follow_user"]
        }
        userid = next((one for one in customers if one.startswith("user") and customers[one]), "zhangsan")
        group = wecom.post("externalcontact/get_corp_tag_list")["tag_group"][0]
        return {
            "userid": userid,
            "external_userid": customers[userid][0],
            "group_id": group["group_id"],
            "tag_id": group["tag"][0]["id"],
            "id": group["tag"][0]["id"],
            "add_tag": group["tag"][0]["id"],
            "chat_id": act(self.corp, "member_creates_group", userid=userid)["chat_id"],
            "moment_id": act(self.corp, "member_posts_moment", userid=userid, text="到店啦")["moment_id"],
        }

    def real(self, operation: Operation, body: dict[str, Any]) -> dict[str, Any]:
        """The body with existing ids in place of the sample's."""
        real: dict[str, Any] = self.uploads.filled(operation.path, with_real_ids(body, self.ids))
        return real

    def token_for(self, operation: Operation) -> str:
        """A token that is valid for the operation, preferably of a listed self-built app."""
        if operation.token in self.of_provider:
            return self.of_provider[operation.token]
        if operation.token == "key":
            return self.keys[operation.permission]
        holders = HOLDERS[operation.permission]
        return self.tokens[AppKind(AppKind.SELF_BUILT if AppKind.SELF_BUILT in holders else min(holders))]

    def call(
        self, operation: Operation, body: Any, *, token: str | None = None, method: str | None = None
    ) -> dict[str, Any]:
        """Makes one call by the operation's method; checks what every answer has."""
        params: dict[str, str] = {}
        if token is None and operation.token:
            token = self.token_for(operation)
        if token:
            params[operation.token or "access_token"] = token
        method = method or operation.method
        content = b""
        if operation.takes_file and method == "POST":
            content = IMAGE_IN_A_FORM
        if method == "POST" and not operation.fields_in_address:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
        elif isinstance(body, dict):
            params.update({name: in_a_query(value) for name, value in body.items()})
        return checked(operation, self.api.request(method, operation.path, params, content))


def with_real_ids(value: Any, ids: dict[str, str], name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: with_real_ids(item, ids, key) for key, item in value.items()}
    if isinstance(value, list):
        return [with_real_ids(item, ids, name) for item in value][:1] if name in ids else value
    return ids.get(name, value) if isinstance(value, str) else value


def in_a_query(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def checked(operation: Operation, answer: Answer) -> dict[str, Any]:
    """The reply of an answer; asserts the envelope and that it is not a system error. {} for a file."""
    if operation.answers_file and answer.headers["content-type"] != JSON:
        assert answer.headers["error-code"] == "0"
        return {"errcode": 0, "errmsg": "ok"}
    assert answer.status == 200, answer.body
    reply: dict[str, Any] = answer.json()
    assert answer.headers["error-code"] == str(reply["errcode"])
    assert reply["errcode"] != -1, reply
    if reply["errcode"] != 0:
        for name, empty in operation.empty_lists.items():
            assert reply[name] == empty
        own = set(reply) - {"errcode", "errmsg"}
        assert own <= _fields_of(operation.reply_type), reply
    return reply


@functools.cache
def _fields_of(reply_type: type) -> frozenset[str]:
    return frozenset(typing.get_type_hints(reply_type))


def fits(reply: dict[str, Any], reply_type: type) -> None:
    """Asserts that the reply has every declared field with its declared type, and no other."""
    declared = typing.get_type_hints(reply_type)
    own = {name: value for name, value in reply.items() if name in declared or name not in ENVELOPE}
    if not declared:
        assert own == {}
        return
    seen: Any = TypeAdapter(reply_type).validate_python(own, strict=True)
    assert seen == own, "fields that the reply's shape does not declare"


def depends_on_the_reading_alone(operation: Operation) -> bool:
    """Whether a handler gets nothing but the shape: no file, no old field, no translated id, no size."""
    by_self_built_app = (
        operation.token == "access_token" and AppKind.SELF_BUILT in HOLDERS[operation.permission]
    )
    return (
        (by_self_built_app or operation.name == "webhook/send")
        and operation.takes_file is None
        and not operation.old_fields
    )


def reading_of(operation: Operation, body: dict[str, Any], place: str) -> object:
    """The shape as text and whether a value was dropped; for a refused request its errcode and `place`."""
    warned: list[bool] = []
    try:
        if operation.fields_in_address:
            fields = shapes.parse_query({name: in_a_query(value) for name, value in body.items()})
        else:
            fields, fault_at = shapes.parse_json(json.dumps(body).encode())
            warned += [True] * (fault_at is not None)
        shape = shapes.read(operation.request_model, fields, lambda: warned.append(True))
    except Refusal as refusal:
        return refusal.errcode, place
    return repr(shape), bool(warned)
