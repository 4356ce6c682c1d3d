"""A collection for Postman, and for whatever else reads its format (schema.postman.com, version 2.1.0)."""

import json
from collections.abc import Mapping
from typing import Any

from deploy.docs.bruno import URL, VARIABLES, example_of
from deploy.docs.document import Document, Operation

_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def collection(document: Document) -> str:
    """Return the collection's text."""
    variables = {"url": URL, "key": "rtc_live_…", **VARIABLES}
    made = {
        "info": {"name": "rtcstack", "schema": _SCHEMA},
        "auth": {"type": "bearer", "bearer": [_pair("token", "{{key}}")]},
        "variable": [_pair(name, value) for name, value in variables.items()],
        "item": [
            {"name": tag, "description": about, "item": [_item(one) for one in document.operations(tag)]}
            for tag, about in document.tags.items()
        ],
    }
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _pair(key: str, value: str) -> dict[str, str]:
    return {"key": key, "value": value, "type": "string"}


def _item(one: Operation) -> dict[str, Any]:
    request: dict[str, Any] = {"method": one.method, "url": _url(one), "description": one.description}
    if one.is_open:
        request["auth"] = {"type": "noauth"}
    if one.body:
        raw = json.dumps(example_of(one), indent=2, ensure_ascii=False)
        request["header"] = [{"key": "Content-Type", "value": "application/json"}]
        request["body"] = {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
    return {"name": one.summary, "request": request}


def _url(one: Operation) -> dict[str, Any]:
    path = one.path.replace("{", ":").replace("}", "")
    url: dict[str, Any] = {"raw": f"{{{{url}}}}{path}", "host": ["{{url}}"], "path": path[1:].split("/")}
    if in_query := one.parameters("query"):
        url["query"] = [_left_out(p) for p in in_query]
    if in_path := one.parameters("path"):
        url["variable"] = [{"key": p["name"], "value": f"{{{{{p['name']}}}}}"} for p in in_path]
    return url


def _left_out(parameter: Mapping[str, Any]) -> dict[str, Any]:
    default = parameter["schema"].get("default")
    return {
        "key": parameter["name"],
        "value": "" if default is None else str(default),
        "description": parameter["description"],
        "disabled": True,
    }
