"""OpenAPI of the simulated operations, made from the registry when it is first asked for.

A component is called by its family and its class, such as `CustomersTagShape`: classes of the same name in
two families are two components, and a new family never renames the components of another.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from wecom_tollbooth.billing.price_books import PriceBook, no_price
from wecom_tollbooth.gateway.files.answers import File
from wecom_tollbooth.gateway.operation import Family, Operation
from wecom_tollbooth.gateway.shapes import Done, RequestModel

REF = "#/components/schemas/"
EXTENSION = ("本模拟器的扩展，企业微信没有此接口", "An extension, not of WeCom.")
ENVELOPE = {"errcode": {"type": "integer"}, "errmsg": {"type": "string"}}
TOKENS = {
    "access_token": ("调用凭证，由 gettoken 获取", "Token of the calling app, from gettoken"),
    "suite_access_token": ("第三方应用凭证", "Token of the suite, from service/get_suite_token"),
    "provider_access_token": ("服务商凭证", "Token of the provider, from service/get_provider_token"),
    "key": ("Webhook 地址中的 key", "Key in the webhook's address"),
}
Schema = dict[str, Any]
Say = Callable[[str, str], str]
"""What is shown of a Chinese and an English text: one of them or both."""
BINARY: Schema = {"type": "string", "format": "binary"}
FILE_BODY: Schema = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {"type": "object", "properties": {"media": BINARY}, "required": ["media"]}
        }
    },
}


def in_both(chinese: str, english: str) -> str:
    return f"{chinese} / {english}"


def document(operations: Iterable[Operation], price_book: PriceBook, say: Say = in_both) -> dict[str, Any]:
    """`tags`, `paths` and `components` of all operations, or of all of a family."""
    operations = list(operations)
    components = _Components(operations)
    families = sorted({operation.family for operation in operations}, key=lambda family: family.name)
    return {
        "tags": [_tag(family) for family in families],
        "paths": {
            operation.path: {
                method.lower(): _operation(operation, method, price_book, components, say)
                for method in operation.methods
            }
            for operation in operations
        },
        "components": {"schemas": components.schemas},
    }


class _Generator(GenerateJsonSchema):
    """Names a class by its module too where a family has two of the same name, and leaves titles out."""

    def normalize_name(self, name: str) -> str:
        # Only a name with its module has dots: wecom_tollbooth.families.statistics.groups.Item
        *modules, last = name.split(".")
        return super().normalize_name(_camel("_".join(modules[3:])) + last)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class _Components:
    """The shapes of all operations with the shapes in them, by name, and the references to them."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.schemas: dict[str, Schema] = {Done.__name__: _in_envelope({})}
        self._refs: dict[tuple[Family, type], Schema] = {}
        by_family = sorted(operations, key=lambda operation: operation.family.name)
        for family, members in groupby(by_family, key=lambda operation: operation.family):
            self._add(family, list(members))

    def body(self, operation: Operation) -> Schema:
        if operation.request_model is RequestModel:
            return {"type": "object"}
        return self._refs[operation.family, operation.request_model]

    def reply(self, operation: Operation) -> Schema:
        if operation.reply_type in (Done, File):
            return {"$ref": REF + Done.__name__}
        return self._refs[operation.family, operation.reply_type]

    def _add(self, family: Family, members: list[Operation]) -> None:
        replies = {operation.reply_type for operation in members} - {Done, File}
        bodies: set[type] = {one.request_model for one in members if not one.fields_in_address}
        shapes = sorted(
            bodies - {RequestModel} | replies, key=lambda shape: (shape.__module__, shape.__name__)
        )
        prefix = _camel(family.name)
        refs, definitions = TypeAdapter.json_schemas(
            [(shape, "validation", TypeAdapter(shape)) for shape in shapes],
            ref_template=REF + prefix + "{model}",
            schema_generator=_Generator,
        )
        schemas = {prefix + name: schema for name, schema in definitions["$defs"].items()}
        for schema in schemas.values():
            schema.pop("title", None)
        for name in sorted({_name(refs[reply, "validation"]) for reply in replies}):
            as_reply = _reply_name(name)
            assert as_reply == name or as_reply not in schemas, f"{as_reply} would name two components"
            schemas[as_reply] = _in_envelope(schemas[name])
        for shape in shapes:
            name = _name(refs[shape, "validation"])
            self._refs[family, shape] = {"$ref": REF + (_reply_name(name) if shape in replies else name)}
        text = json.dumps([schemas, [self._refs[family, shape] for shape in shapes]])
        self.schemas |= {name: schema for name, schema in schemas.items() if f'"{REF}{name}"' in text}


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).removeprefix(REF)


def _reply_name(name: str) -> str:
    """A reply has a component of its own, with errcode and errmsg: its shape may be part of other shapes."""
    return name if name.endswith("Reply") else f"{name}Reply"


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _in_envelope(reply: Schema) -> Schema:
    """The reply between errcode and errmsg; a refusal carries none of its fields, so they are optional."""
    return {
        **reply,
        "type": "object",
        "properties": {**ENVELOPE, **reply.get("properties", {})},
        "required": list(ENVELOPE),
    }


def _tag(family: Family) -> dict[str, Any]:
    return {
        "name": family.name,
        "description": f"{family.title_zh} / {family.title_en}",
        "x-displayName": f"{family.title_zh} {family.title_en}",
    }


def operation_id(operation: Operation, method: str) -> str:
    return operation.name.replace("/", "_") + ("" if method == operation.method else "_by_get")


def _operation(
    operation: Operation, method: str, price_book: PriceBook, components: _Components, say: Say
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation_id(operation, method),
        "tags": [operation.family.name],
        "summary": say(operation.title, operation.title_en),
        "description": _description(operation, price_book, say),
        "parameters": list(_token(operation, say)),
        "responses": {"200": _response(operation, components.reply(operation), say)},
    }
    if method == "GET" or operation.fields_in_address:
        described["parameters"] += _query(operation)
    if operation.takes_file is not None:
        described["requestBody"] = FILE_BODY
    elif method == "POST":
        content = {"schema": components.body(operation)} | (
            {"example": operation.sample} if operation.sample else {}
        )
        described["requestBody"] = {"content": {"application/json": content}}
    return described


def _description(operation: Operation, price_book: PriceBook, say: Say) -> str:
    """The notes of the operation, then its page, aliases, permission, meter and price."""
    price = price_book.price_for(operation.meter)
    priced = f"{price.model}" if price.one_price is None else f"{price.one_price:f} {price_book.currency}"
    facts = [
        f"{say('权限', 'Permission')}: `{operation.permission}`",
        f"{say('计量', 'Meter')}: `{operation.meter}`, {priced} {say('一次', 'a call')}",
    ]
    if price.is_missing:
        facts.append(say(*no_price(operation.meter)))
    if operation.also_get:
        facts.append(
            say("也接受 GET，参数放在地址里", "Also served by GET, with the parameters in the address")
        )
    if operation.also_post:
        facts.append(say("也接受 POST，参数放在 JSON 里", "Also served by POST, with the parameters in JSON"))
    facts += [
        f"{say('旧字段', 'Old field')}: `{old.name}` "
        f"{say('等同于只有一项的', 'counts as a list of one in')} `{old.now}`"
        for old in operation.old_fields
    ]
    if operation.aliases:
        facts.insert(
            0, f"{say('别名', 'Also at')}: " + ", ".join(f"`{alias}`" for alias in operation.aliases)
        )
    if operation.doc:
        checked = operation.checked or say("未核对", "not checked")
        facts.insert(0, f"{say('文档', 'Documentation')}: [{operation.doc}]({operation.doc_url}), {checked}")
    extension = f"\n\n**{say(*EXTENSION)}**" if operation.family.extension else ""
    return f"{operation.description}{extension}\n\n" + "".join(f"- {fact}\n" for fact in facts)


def _token(operation: Operation, say: Say) -> Iterator[dict[str, Any]]:
    if operation.token is not None:
        yield {
            "name": operation.token,
            "in": "query",
            "required": True,
            "description": say(*TOKENS[operation.token]),
            "schema": {"type": "string"},
        }


def _query(operation: Operation) -> Iterator[dict[str, Any]]:
    request = TypeAdapter(operation.request_model).json_schema(schema_generator=_Generator)
    sample = operation.sample or {}
    for name, schema in request.get("properties", {}).items():
        example = {"example": sample[name]} if name in sample else {}
        required = name in request.get("required", ())
        yield {"name": name, "in": "query", "required": required, "schema": schema, **example}


def _response(operation: Operation, reply: Schema, say: Say) -> dict[str, Any]:
    """One response: WeCom refuses with HTTP 200 and an errcode. Its own errcodes are in x-errcodes too."""
    errors = [{"errcode": int(code), "errmsg": code.text} for code in sorted(set(operation.errors))]
    lines = "".join(f"- `{one['errcode']}` {one['errmsg']}\n" for one in errors)
    others = say("或本接口的错误码", "or an errcode of the operation")
    of_itself = f" {others}:\n\n{lines}" if errors else ""
    file = {"application/octet-stream": {"schema": BINARY}} if operation.answers_file else {}
    return {
        "description": f"`errcode` 0{of_itself}",
        "content": {"application/json": {"schema": reply}, **file},
        "x-errcodes": errors,
    }
