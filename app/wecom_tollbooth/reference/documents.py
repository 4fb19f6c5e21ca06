"""The OpenAPI document of one operation, in one language."""

import re
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from wecom_tollbooth.billing.price_books import PriceBook
from wecom_tollbooth.client.page import CHINESE
from wecom_tollbooth.gateway import openapi
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.gateway.operation import Operation
from wecom_tollbooth.reference.one_language import document_in

_REF = re.compile(rb'"#/components/schemas/([^"]+)"')


def document_of(app: FastAPI, gateway: Gateway, id: str, language: str) -> dict[str, Any] | None:
    """The document of the operation with this operationId and of what it refers to; None if there is none."""
    for operation in gateway.operations:
        for method in operation.methods:
            if openapi.operation_id(operation, method) == id:
                book = gateway.server.price_books.books[-1]
                return _of_operation(gateway, book, operation, method, language)
    return _of_control_call(app, id, language)


def _of_operation(
    gateway: Gateway, book: PriceBook, operation: Operation, method: str, language: str
) -> dict[str, Any]:
    family = [one for one in gateway.operations if one.family is operation.family]
    described = openapi.document(family, book, _chinese if language == CHINESE else _english)
    return _part(described, operation.path, method.lower(), language)


def _of_control_call(app: FastAPI, id: str, language: str) -> dict[str, Any] | None:
    for context in iter_route_contexts(app.routes):
        if context.name == id and getattr(context, "include_in_schema", False):
            described = get_openapi(title=app.title, version=app.version, routes=[context])
            ((path, methods),) = described["paths"].items()
            (method,) = methods
            # The page sends the admin token itself, for all calls alike.
            methods[method].pop("security", None)
            return _part(described, path, method, language)
    return None


def _part(document: dict[str, Any], path: str, method: str, language: str) -> dict[str, Any]:
    described = document["paths"][path][method]
    schemas = document.get("components", {}).get("schemas", {})
    used = _names_in(described)
    while more := _names_in([schemas[name] for name in used]) - used:
        used |= more
    part = {
        "openapi": "3.1.0",
        "info": {"title": path, "version": "1"},
        "paths": {path: {method: described}},
        "components": {"schemas": {name: schemas[name] for name in sorted(used)}},
    }
    return dict(document_in(language, part))


def _names_in(value: Any) -> set[str]:
    return {name.decode() for name in _REF.findall(orjson.dumps(value))}


def _chinese(chinese: str, _: str) -> str:
    return chinese


def _english(_: str, english: str) -> str:
    return english
