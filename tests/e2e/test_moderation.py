"""Moderation of halls against a running appliance: real LiveKit, a model that really computes, real participants."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.e2e.conftest import Caller, open_caller
from tests.e2e.halls import HallCaller
from tests.support.appliance import Appliance
from tests.support.environment import free_environment
from tests.support.moderation import redness_model

_WAIT_S = 60
"""Who looks gives way to everything else that runs on the machine."""
_RED, _GREEN = 3, 6
"""Participants by the colour of their pictures."""


@pytest.fixture(scope="module")
def moderated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    folder = tmp_path_factory.mktemp("moderated")
    environ = {
        **free_environment(),
        **redness_model(folder / "redness.onnx").environ,
        "RTCSTACK_MODERATION__INTERVAL_S": "1",
        "RTCSTACK_ROOMS__EMPTY_GRACE_S": "2",
    }
    made = Appliance(folder / "data", environ)
    try:
        made.start()
        yield made
    finally:
        made.remove()


@pytest.fixture
async def caller(moderated: Appliance, tmp_path: Path) -> AsyncIterator[Caller]:
    async with open_caller(moderated, tmp_path) as opened:
        yield opened


@pytest.fixture
async def halls(caller: Caller, moderated: Appliance) -> AsyncIterator[HallCaller]:
    async with HallCaller(caller, moderated) as opened:
        yield opened


async def _until_found(halls: HallCaller, hall_id: str, count: int) -> list[dict[str, Any]]:
    """Return what was found in the hall, once it is that many."""
    found: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(_WAIT_S):
            while len(found := await halls.get(f"/v1/halls/{hall_id}/moderation")) < count:
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"not {count} findings, but {found}") from None
    return found


async def test_moderation_is_for_the_growth_plan_and_above(moderated: Appliance) -> None:
    answers = {}
    for plan in ("free", "growth", "scale"):
        made = moderated.command("keys", "create", "--tenant", plan, "--plan", plan, "--json")
        headers = {"authorization": f"Bearer {json.loads(made.stdout)['key']}"}
        async with httpx.AsyncClient(base_url=moderated.url, headers=headers) as http:
            answers[plan] = await http.post("/v1/halls", json={"name": plan, "moderation": True})
            shown = await http.get("/v1/halls")
            assert [hall["moderation"] for hall in shown.json()] == ([] if plan == "free" else [True])
    assert [answer.status_code for answer in answers.values()] == [403, 201, 201]
    assert answers["free"].json()["error"]["code"] == "plan_required"


async def test_a_hall_that_is_not_recorded_is_looked_into(halls: HallCaller) -> None:
    hall = await halls.create(name="red", moderation=True, metadata={"customer_id": "cust_abc"})
    hall_id = hall["hall_id"]
    await halls.join(hall["join_token"], _RED)
    flagged = await halls.event("moderation.flagged", hall_id)
    assert (
        flagged["data"].items()
        >= {
            "hall_id": hall_id,
            "recording_id": None,
            "position_seconds": None,
            "category": "red",
            "provider": "local",
            "action": "notify",
            "metadata": {"customer_id": "cust_abc"},
        }.items()
    )
    assert flagged["data"]["likelihood"] > 0.7
    found = await _until_found(halls, hall_id, 2)
    shown = await halls.hall(hall_id)
    assert (shown["status"], shown["participant_count"]) == ("active", 1)  # whoever looks is not counted
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)
    assert len(halls.events("moderation.flagged", hall_id)) == 1
    assert len(halls.events("participant.joined", hall_id)) == 1
    assert await halls.get(f"/v1/halls/{hall_id}/recordings") == []


async def test_the_action_close_closes_the_hall(halls: HallCaller) -> None:
    hall = await halls.create(name="strict", moderation=True, moderation_action="close")
    green = await halls.join(hall["join_token"], _GREEN)
    await asyncio.sleep(6)
    assert (await halls.hall(hall["hall_id"]))["status"] == "active"
    await green.leave()
    red = await halls.join(await halls.token(hall["hall_id"], "red"), _RED)
    flagged = await halls.event("moderation.flagged", hall["hall_id"])
    assert flagged["data"]["action"] == "close"
    await halls.event("hall.closed", hall["hall_id"])
    assert (await halls.hall(hall["hall_id"]))["status"] == "closed"
    await halls.until_sent_away(red)


async def test_a_recorded_hall_is_looked_at_in_its_recording(halls: HallCaller) -> None:
    hall = await halls.create(name="recorded", moderation=True, record=True)
    hall_id = hall["hall_id"]
    await halls.join(hall["join_token"], _RED)
    recording_id = await halls.until_recorded(hall_id)
    flagged = await halls.event("moderation.flagged", hall_id)
    found = await _until_found(halls, hall_id, 3)
    assert found[0]["recording_id"] == recording_id
    assert found[0]["position_seconds"] > 0
    await halls.close(hall_id)
    await halls.until_status(recording_id, "complete")
    seconds: list[float] = []
    async with asyncio.timeout(
        _WAIT_S
    ):  # each keyframe once, whether it was looked at before, after, or both
        while not seconds or seconds != list(np.arange(seconds[0], seconds[-1] - 1, -2)):
            found = await halls.get(f"/v1/halls/{hall_id}/moderation")
            seconds = [one["position_seconds"] for one in found if one["recording_id"]]
            await asyncio.sleep(0.2)
    assert halls.events("moderation.flagged", hall_id) == [flagged]
