"""Calls of every route with what its schema allows and with what it does not, by `schemathesis`."""

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


async def known_ids(api: Api) -> dict[str, str]:
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


def _exercise(
    operation: APIOperation, mode: GenerationMode, url: str, ids: Mapping[str, str], key: str, examples: int
) -> None:
    is_start = operation.path.endswith("/start")

    @settings(
        max_examples=min(examples, _EXAMPLES_OF_A_START) if is_start else examples,
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


def exercise_all(
    url: str, document: dict[str, Any], ids: Mapping[str, str], key: str, examples: int
) -> list[str]:
    """Call every route with so many examples of what is allowed, and of what is not; return the routes' names.

    Raises:
        AssertionError: an answer does not keep to the document, or is a server error that it does not have.
    """
    load_all_checks()
    schema = schemathesis.openapi.from_dict(document, config=Config.from_dict({"generation": _GENERATION}))
    operations = sorted(
        (found.ok() for found in schema.get_all_operations()), key=lambda o: o.method == "delete"
    )
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for operation in operations:
            _exercise(operation, mode, url, ids, key, examples)
    return [operation.label for operation in operations]
