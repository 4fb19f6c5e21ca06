"""OpenAPI of the simulated operations, made from the registry when it is first asked for."""

import typing
from typing import Any

from pydantic import TypeAdapter
from typing_extensions import is_typeddict

from wecom_tollbooth.billing.price_books import PriceBook
from wecom_tollbooth.gateway.operation import Operation, Registry

REF = "#/components/schemas/{model}"
EXTENSION = "\n\n**本模拟器的扩展，企业微信没有此接口 / An extension, not of WeCom.**"


def document(operations: Registry, price_book: PriceBook) -> dict[str, Any]:
    """`paths` and `components` of all operations."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for operation in operations:
        paths[operation.path] = {operation.method.lower(): _operation(operation, price_book, schemas)}
    return {"paths": paths, "components": {"schemas": schemas}}


def _operation(operation: Operation, price_book: PriceBook, schemas: dict[str, Any]) -> dict[str, Any]:
    extension = EXTENSION if operation.family.extension else ""
    price = price_book.price_for(operation.meter)
    assert price is not None, "the server refuses books that lack a meter"
    priced = f"{price.model}" if price.one_price is None else f"{price.one_price:f} {price_book.currency}"
    about = (
        f"{operation.description}{extension}\n\n"
        f"{_page(operation)}"
        f"- 权限 / Permission: `{operation.permission}`\n"
        f"- 计量 / Meter: `{operation.meter}`, {priced} 一次 / a call\n"
    )
    parameters: list[dict[str, Any]] = []
    if operation.token:
        parameters.append(
            {"name": operation.token, "in": "query", "required": True, "schema": {"type": "string"}}
        )
    described: dict[str, Any] = {
        "operationId": operation.name.replace("/", "_"),
        "tags": [f"{operation.family.title_zh} {operation.family.title_en}"],
        "summary": operation.title,
        "description": about,
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "errcode 0, or the code of the refusal",
                "content": {"application/json": {"schema": _reply_schema(operation, schemas)}},
            }
        },
    }
    request = _schema(operation.request_model, schemas)
    if operation.method == "GET":
        needed = set(request.get("required", ()))
        for name, schema in request.get("properties", {}).items():
            parameters.append({"name": name, "in": "query", "required": name in needed, "schema": schema})
    else:
        content: dict[str, Any] = {"schema": request}
        if operation.sample:
            content["example"] = operation.sample
        described["requestBody"] = {"content": {"application/json": content}}
    return described


def _page(operation: Operation) -> str:
    """The line that names WeCom's page, which an extension has not."""
    if not operation.doc:
        return ""
    checked = operation.checked or "未核对 / not checked"
    return f"- 文档 / Documentation: [{operation.doc}]({operation.doc_url}), {checked}\n"


def _reply_schema(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    """The envelope with the reply's fields, none of which a refusal must carry."""
    reply = _schema(operation.reply_type, schemas)
    envelope = {"errcode": {"type": "integer"}, "errmsg": {"type": "string"}}
    return {
        "type": "object",
        "properties": {**envelope, **reply.get("properties", {})},
        "required": ["errcode", "errmsg"],
    }


def _schema(shape: type, schemas: dict[str, Any]) -> dict[str, Any]:
    if is_typeddict(shape) and not typing.get_type_hints(shape):
        return {}
    schema = TypeAdapter(shape).json_schema(ref_template=REF)
    schemas.update(schema.pop("$defs", {}))
    return schema
