"""Every route is called with what its schema allows and with what it does not: `schemathesis` over the whole document."""

import asyncio
import itertools
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, CheckContext, GenerationMode, Response
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig as Config
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from rtcstack.domain.recording import RecordingState
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf

_EXAMPLES = 20
_EXAMPLES_OF_A_START = 6  # each waits a second for the Egress worker that is not there
_GENERATION = {
    "allow-extra-parameters": False,  # unknown query parameters are ignored, as everywhere on the web
    "with-security-parameters": False,  # every call has a good key; what happens without is tested below
}
_EXPECTED_FAILURES = {503, 507}


def _no_server_error(_ctx: CheckContext, response: Response, case: Case) -> None:
    """Only what is documented: a part is down (no Egress worker runs here), the disk is full."""
    status = response.status_code
    assert status < 500 or status in _EXPECTED_FAILURES, (
        f"{case.as_curl_command()} → {status} {response.text}"
    )


_KEY = "Idempotency-Key"
_numbers = itertools.count()
_CHECKS = [
    _no_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


async def _known_ids(api: Api) -> dict[str, str]:
    """Return ids that lead somewhere, at least until their turn to be deleted comes."""
    room = (await api.http.post("/v1/rooms", json={"roomId": "known"})).raise_for_status().json()
    hall = (await api.http.post("/v1/halls", json={"name": "known"})).raise_for_status().json()
    webhook = await api.http.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/"})
    recording = await Shelf(api).add(RecordingState.READY, room["roomId"])
    asked = {"label": "known", "start_seconds": 0, "end_seconds": 1}
    clip = await api.http.post(f"/v1/recordings/{recording.id}/clips", json=asked)
    return {
        "room_id": room["roomId"],
        "hall_id": hall["hall_id"],
        "recording_id": recording.id,
        "clip_id": clip.json()["clip_id"],
        "webhook_id": webhook.json()["id"],
        "identity": "ada",
    }


def _cases(operation: APIOperation, mode: GenerationMode, ids: Mapping[str, str]) -> st.SearchStrategy[Case]:
    known = {parameter.name: ids[parameter.name] for parameter in operation.path_parameters}
    anything = operation.as_strategy(mode)
    return st.one_of(anything, operation.as_strategy(mode, path_parameters=known)) if known else anything


def _make_it_count(case: Case) -> None:
    """Give the call a key of its own, else most are repetitions of another; have no webhook sent to anywhere else."""
    if _KEY in (case.headers or {}):
        case.headers[_KEY] = f"call-{next(_numbers)}"
    if isinstance(case.body, dict) and str(case.body.get("url")).startswith("http"):
        case.body["url"] = "http://127.0.0.1:9/"
    if isinstance(case.body, dict) and "access_key_id" in case.body:
        case.body["endpoint"] = "http://127.0.0.1:9"


def _exercise(operation: APIOperation, mode: GenerationMode, url: str, ids: dict[str, str], key: str) -> None:
    is_start = operation.path.endswith("/start")

    @settings(
        max_examples=_EXAMPLES_OF_A_START if is_start else _EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_cases(operation, mode, ids))
    def call(case: Case) -> None:
        if mode is GenerationMode.POSITIVE:
            _make_it_count(case)
        with requests.Session() as session:
            headers = {"authorization": key}
            case.call_and_validate(base_url=url, session=session, headers=headers, checks=_CHECKS, timeout=30)

    with suppress(Unsatisfiable):  # nothing can be wrong about a call that takes nothing
        call()


def _exercise_all(url: str, document: dict[str, Any], ids: dict[str, str], key: str) -> list[str]:
    load_all_checks()
    schema = schemathesis.openapi.from_dict(document, config=Config.from_dict({"generation": _GENERATION}))
    operations = sorted(
        (found.ok() for found in schema.get_all_operations()), key=lambda o: o.method == "delete"
    )
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for operation in operations:
            _exercise(operation, mode, url, ids, key)
    return [operation.label for operation in operations]


async def test_every_route_keeps_to_its_schema_whatever_it_is_sent(api: Api) -> None:
    document = (await api.http.get("/schema/openapi.json")).raise_for_status().json()
    url, key = str(api.http.base_url), api.http.headers["authorization"]
    called = await asyncio.to_thread(_exercise_all, url, document, await _known_ids(api), key)
    assert len(called) > 30


async def test_every_route_but_those_of_health_wants_a_key(api: Api) -> None:
    document = (await api.http.get("/schema/openapi.json")).raise_for_status().json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            answer = await api.http.request(method, path, headers={"authorization": ""})
            if operation.get("security") == []:
                assert str(answer.status_code) in operation["responses"]
            else:
                assert (answer.status_code, answer.json()["error"]["code"]) == (401, "missing_key"), path
