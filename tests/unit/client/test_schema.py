"""The client and the OpenAPI document say the same: each operation is a method, each answer a model with the same fields."""

import re
from typing import Any

import msgspec
import pytest

from deploy.docs.python import methods
from rtcstack.app import create_app
from rtcstack.settings import load
from tests.unit.client.models import MODELS, NO_MODEL

_METHODS = ("get", "post", "put", "patch", "delete")
_PREFIX = "#/components/schemas/"
_GIVEN_BY_HEADER = "Idempotency-Key"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    secret = {"RTCSTACK_LIVEKIT__API_KEY": "k", "RTCSTACK_LIVEKIT__API_SECRET": "s"}
    return dict(create_app(load(secret, data=tmp_path_factory.mktemp("data"))).openapi_schema.to_schema())


def _operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": item[method]
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    }


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()


def test_each_operation_is_one_method(document: dict[str, Any]) -> None:
    made = [method.request.operation for method in methods()]
    assert sorted(made) == sorted(_operations(document))


def test_each_method_takes_what_the_operation_takes(document: dict[str, Any]) -> None:
    operations = _operations(document)
    for method in methods():
        operation = operations[method.request.operation]
        wanted = (
            {p["name"]: p["required"] for p in operation["parameters"] if p["name"] != _GIVEN_BY_HEADER}
            if "parameters" in operation
            else {}
        )
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content:
            body = _resolved(document, content["schema"])
            wanted |= {field: field in body.get("required", ()) for field in body["properties"]}
        given = {p.name: p.default is p.empty for p in method.signature.parameters.values()}
        assert given == {_snake(field): required for field, required in wanted.items()}, method.name


def test_each_answer_is_read_as_the_model_of_its_schema(document: dict[str, Any]) -> None:
    operations = _operations(document)
    for method in methods():
        request = method.request
        answers = operations[request.operation]["responses"]
        fine = next(answers[status] for status in answers if int(status) < 300)
        schema = next(iter(fine.get("content", {}).values()), {"schema": None})["schema"]
        assert _kind_of(document, schema, in_envelope=request.in_envelope) == request.kind, method.name


def _kind_of(document: dict[str, Any], schema: Any, *, in_envelope: bool) -> Any:
    if schema is None:
        return type(None)
    if schema.get("type") == "string":
        return str
    if schema.get("type") == "array":
        return list[_kind_of(document, schema["items"], in_envelope=False)]  # type: ignore[misc]  # made at run time
    first = schema["oneOf"][0] if "oneOf" in schema else schema
    if in_envelope:
        return _kind_of(document, _resolved(document, first)["properties"]["data"], in_envelope=False)
    return MODELS[first["$ref"].removeprefix(_PREFIX)]


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix(_PREFIX)
    return dict(document["components"]["schemas"][name]) if name else schema


def test_each_schema_has_a_model(document: dict[str, Any]) -> None:
    names = {name for name in document["components"]["schemas"] if not name.startswith("Envelope_")}
    assert names == set(MODELS) | NO_MODEL


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"ReadyDownload", "PendingDownload"}))
def test_a_model_has_the_fields_of_its_schema(document: dict[str, Any], name: str) -> None:
    theirs = document["components"]["schemas"][name]
    [ours], parts = msgspec.json.schema_components([MODELS[name]], ref_template="{name}")
    ours = parts[ours["$ref"]]
    assert set(ours["properties"]) == set(theirs["properties"])
    assert set(ours.get("required", ())) == set(theirs.get("required", ()))
    for field, kind in theirs["properties"].items():
        assert _type(document, kind) == _type(parts, ours["properties"][field]), f"{name}.{field}"


def test_a_download_has_the_fields_of_both_answers(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    both = [schemas[name] for name in ("ReadyDownload", "PendingDownload")]
    model = MODELS["ReadyDownload"]
    assert set(model.__struct_fields__) == {field for one in both for field in one["properties"]}
    required = {field.name for field in msgspec.structs.fields(model) if field.required}
    assert required == set(both[0]["required"]) & set(both[1]["required"])


def _type(known: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Return what JSON it is, and which words a text may be; of a model, its name does not matter."""
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return frozenset().union(*(_type(known, option) for option in options))
    if "$ref" in schema:
        target = _target(known, schema["$ref"])
        return _type(known, target) if "enum" in target else frozenset({"object"})
    if "const" in schema:
        return frozenset({"string" if isinstance(schema["const"], str) else "boolean"})
    if schema.get("type") == "array":
        return frozenset({("array", _type(known, schema["items"]))})
    types = schema.get("type", "any")
    words = [word for word in schema.get("enum", ()) if word is not None]
    given = {*types} if isinstance(types, list) else {types}
    return frozenset({(one, *sorted(words)) if one == "string" and words else one for one in given})


def _target(known: dict[str, Any], ref: str) -> dict[str, Any]:
    schemas = known["components"]["schemas"] if "components" in known else known
    return dict(schemas[ref.removeprefix(_PREFIX)])
