"""`tollbooth act`: what customers, members and admins do outside the API."""

import json
from typing import Annotated, Any

import typer

from wecom_tollbooth.cli.errors import CommandError
from wecom_tollbooth.cli.remote import AsJson, Remote, Url
from wecom_tollbooth.cli.tables import console, print_json, printable, table, text_of


def act(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CORPID NAME [FIELD=VALUE]... | TEXT]",
            help="企业、动作与字段；不写则列出动作，只写一个词则查找 "
            "A corp, an act and its fields; nothing lists the acts, one word finds some",
        ),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """执行或列出客户、成员、管理员的业务动作。Perform an act of a customer, member or admin, or list them.

    tollbooth act CORPID member_adds_customer userid=zhangsan name=王芳

    字段的值是文字，其他类型写 JSON；文字的列表可写成 a,b。

    A value is a text, or JSON where the field is something else; a list of texts may be written a,b.
    """
    remote = Remote(url)
    acts = {entry["act"]: entry for entry in remote.get("/acts")["acts"]}
    if words is None or len(words) < 2:
        _list(acts, words[0] if words else "", as_json)
        return None
    corpid, name, *fields = words
    if name not in acts:
        raise CommandError(f"there is no act {name!r}; `tollbooth act` lists them", 2)
    reply = remote.post(f"/corps/{corpid}/acts", {"act": name, **_fields(acts[name]["fields"], fields)})
    if as_json:
        return print_json(reply)
    for key, value in reply.items():
        print(f"{key}: {printable(text_of(value))}")
    return None


def _list(acts: dict[str, dict[str, Any]], find: str, as_json: bool) -> None:
    found = [entry for entry in acts.values() if find.lower() in f"{entry['act']} {entry['title']}".lower()]
    if not found:
        raise CommandError(f"no act has {find!r} in its name or title; `tollbooth act` lists them", 2)
    if as_json:
        return print_json({"acts": found})
    from rich.markup import escape

    rows = table("动作 Act", "字段 Fields", "做什么 What happens")
    for entry in found:
        required = entry["fields"].get("required", [])
        names = [name if name in required else f"[{name}]" for name in entry["fields"].get("properties", {})]
        rows.add_row(entry["act"], escape(" ".join(names)), entry["title"])
    return console().print(rows)


def _fields(schema: dict[str, Any], given: list[str]) -> dict[str, Any]:
    """The fields of FIELD=VALUE words. Raises CommandError for a word of another form."""
    fields = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise CommandError(f"{word!r} is not FIELD=VALUE", 2)
        if name in fields:
            raise CommandError(f"{name} is given twice; write a list as {name}=a,b", 2)
        fields[name] = _value(schema.get("properties", {}).get(name, {}), value)
    return fields


def _value(schema: dict[str, Any], text: str) -> Any:
    """The text itself for a field that may be a text, else the JSON that it is."""
    kinds = [schema, *schema.get("anyOf", [])]
    if any(kind.get("type") == "string" for kind in kinds):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        value = text  # the server says what it expects
    lists = [kind for kind in kinds if kind.get("type") == "array"]
    if not lists or isinstance(value, list):
        return value
    of_texts = lists[0].get("items", {}).get("type") == "string"
    return text.split(",") if of_texts else [value]
