"""Whoever reads the OpenAPI document learns of each field what it means."""

from typing import Any

import msgspec
import pytest

from rtcstack.api.openapi_fields import FIELDS
from rtcstack.app import create_app
from rtcstack.services.event_bodies import ParticipantObject, WebhookObject
from rtcstack.settings import load


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    secret = {"RTCSTACK_LIVEKIT__API_KEY": "k", "RTCSTACK_LIVEKIT__API_SECRET": "s"}
    return dict(create_app(load(secret, data=tmp_path_factory.mktemp("data"))).openapi_schema.to_schema())


def test_every_field_of_calls_and_answers_is_described(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert _bare(schemas) == set()
    assert "Bytes" in schemas["RecordingBody"]["properties"]["size"]["description"]


def test_every_field_of_webhooks_is_described(document: dict[str, Any]) -> None:
    bodies = {
        name: item["post"]["requestBody"]["content"]["application/json"]["schema"]
        for name, item in document["webhooks"].items()
    }
    data = {name: body["properties"]["data"] for name, body in bodies.items() if name != "egress_ended"}
    assert _bare(bodies) == set()
    assert _bare(data) == set()


def test_no_description_is_of_a_field_that_is_not_there(document: dict[str, Any]) -> None:
    schemas = dict(document["components"]["schemas"])
    for only_in_webhooks in (ParticipantObject, WebhookObject):
        schemas |= msgspec.json.schema_components([only_in_webhooks])[1]
    there = {f"{name}.{field}" for name, schema in schemas.items() for field in schema.get("properties", ())}
    everywhere = {name.rpartition(".")[2] for name in there}
    assert {name for name in FIELDS if name not in there | everywhere} == set()


def _bare(schemas: dict[str, Any]) -> set[str]:
    """Return the fields without a word about them."""
    return {
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, kind in schema.get("properties", {}).items()
        if not kind.get("description")
    }
