"""The OpenAPI document says everything about every route that a developer needs."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from litestar import Litestar

from rtcstack.app import create_app
from rtcstack.domain.room import ROOM_ID_PATTERN
from rtcstack.domain.webhook import EventName
from rtcstack.settings import load

_METHODS = ("get", "post", "put", "patch", "delete")
_PUBLIC = {"/healthz", "/readyz"}
Operations = list[tuple[str, str, dict[str, Any]]]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    secret = {"RTCSTACK_LIVEKIT__API_KEY": "k", "RTCSTACK_LIVEKIT__API_SECRET": "s"}
    return create_app(load(secret, data=tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="module")
def document(app: Litestar) -> dict[str, Any]:
    return dict(app.openapi_schema.to_schema())


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> Operations:
    found = [(m, path, item[m]) for path, item in document["paths"].items() for m in _METHODS if m in item]
    assert len(found) > 30
    return found


def _bodies(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        yield from part.get("content", {}).values()


def test_every_route_has_a_summary_a_tag_and_a_name_of_its_own(operations: Operations) -> None:
    assert [path for _, path, op in operations if not op.get("summary") or len(op["tags"]) != 1] == []
    names = [op["operationId"] for _, _, op in operations]
    assert len(names) == len(set(names))


def test_tags_are_described_and_routes_stand_in_their_order(
    document: dict[str, Any], operations: Operations
) -> None:
    assert all(tag["description"] for tag in document["tags"])
    order = [tag["name"] for tag in document["tags"]]
    positions = [order.index(op["tags"][0]) for _, _, op in operations]
    assert positions == sorted(positions)
    assert set(positions) == set(range(len(order)))


def test_a_key_is_asked_for_where_one_is_needed(document: dict[str, Any], operations: Operations) -> None:
    assert document["security"] == [{"key": []}]
    assert {path for _, path, op in operations if op.get("security") == []} == _PUBLIC


def test_every_status_that_a_method_brings_is_there(operations: Operations) -> None:
    for method, path, op in operations:
        if path in _PUBLIC:
            continue
        needed = {"400", "401", "500", "503"}
        needed |= {"403", "507"} if method != "get" else set()
        needed |= {"409", "413"} if method == "post" else set()
        needed |= {"404"} if path.endswith("_id}") else set()
        assert needed <= set(op["responses"]), (method, path)
        assert len([status for status in op["responses"] if status.startswith("2")]) == 1


def test_every_answer_is_described_and_failures_share_one_body(operations: Operations) -> None:
    for method, path, op in operations:
        for status, response in op["responses"].items():
            assert response["description"], (method, path, status)
            if int(status) >= 400 and path not in _PUBLIC:
                [media] = response["content"].values()
                assert media["schema"] == {"$ref": "#/components/schemas/ErrorBody"}


def test_every_body_has_an_example_that_fits_its_schema(
    document: dict[str, Any], operations: Operations
) -> None:
    for method, path, op in operations:
        for media in _bodies(op):
            assert media.get("example"), (method, path, media["schema"])
            schema = {**media["schema"], "components": document["components"]}
            jsonschema_rs.validate(schema, media["example"])


def test_every_parameter_is_described(operations: Operations) -> None:
    for method, path, op in operations:
        for parameter in op.get("parameters", ()):
            assert parameter.get("description"), (method, path, parameter["name"])


def test_failures_are_of_a_kind_that_the_route_has(operations: Operations) -> None:
    codes = {}
    for method, path, op in operations:
        for status in {"404", "409"} & set(op["responses"]):
            [media] = op["responses"][status]["content"].values()
            codes[method, path, status] = media["example"]["error"]["code"]
    for (method, path, status), code in codes.items():
        assert method == "post" or not code.startswith("idempotency"), path
        if status == "404" and path.endswith("_id}"):
            assert code == f"{path.rpartition('{')[2].removesuffix('_id}')}_not_found"
    assert codes["post", "/api/v1/rooms/{room_id}/recordings/start", "409"] == "recording_already_active"
    assert codes["post", "/v1/rooms/{room_id}/recording/stop", "404"] == "recording_not_active"


def test_statuses_are_enumerated(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        status = schema.get("properties", {}).get("status")
        if status is not None:
            assert "enum" in status or "const" in status or "$ref" in status, (name, status)


def test_every_event_is_described_with_an_example_that_fits(document: dict[str, Any]) -> None:
    assert set(document["webhooks"]) == {str(event) for event in EventName}
    for name, item in document["webhooks"].items():
        media = item["post"]["requestBody"]["content"]["application/json"]
        assert media["example"]["event"] == name
        jsonschema_rs.validate(media["schema"], media["example"])
    assert item["post"]["summary"]


def test_every_post_takes_an_idempotency_key(operations: Operations) -> None:
    for method, path, op in operations:
        names = [parameter["name"] for parameter in op.get("parameters", [])]
        assert ("Idempotency-Key" in names) == (method == "post"), path


def test_a_body_that_may_be_left_out_is_not_required(document: dict[str, Any]) -> None:
    assert document["paths"]["/v1/rooms"]["post"]["requestBody"]["required"] is False
    assert document["paths"]["/v1/halls"]["post"]["requestBody"]["required"] is True


def test_no_field_has_the_name_of_a_service(
    app: Litestar, document: dict[str, Any], operations: Operations
) -> None:
    """Litestar takes a wrong value of such a field for a broken dependency of its own: 500 instead of 400."""
    names = {parameter["name"] for _, _, op in operations for parameter in op.get("parameters", ())}
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Request"):
            names |= set(schema["properties"])
    assert {"events", "status", "roomId"} <= names
    assert names & set(app.dependencies) == set()


def test_bodies_that_are_sent_allow_no_unknown_field(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert (schema.get("additionalProperties") is False) == name.endswith("Request"), name


def test_room_ids_have_their_pattern_in_paths_only(operations: Operations) -> None:
    patterns = {
        (parameter["in"], parameter["schema"].get("pattern", ""))
        for _, _, op in operations
        for parameter in op.get("parameters", ())
        if parameter["name"] == "room_id"
    }
    assert patterns == {("path", ROOM_ID_PATTERN), ("query", "")}
