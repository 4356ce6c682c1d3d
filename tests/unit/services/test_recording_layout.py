"""Changing the layout of a recording: what the recorder is told, and what whatever begins later will be told."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from rtcstack.domain.audit import Action, AuditFilter
from rtcstack.domain.egress import EgressStatus
from rtcstack.domain.recording import Recording
from rtcstack.egress.look import LAYOUTS as EGRESS_LAYOUTS
from rtcstack.egress.look import read_look
from rtcstack.errors import Invalid, PartUnavailable, RecordingNotActive
from rtcstack.services.composite import LAYOUTS, CompositeOptions
from rtcstack.services.egress_wait import wait_for_egress
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.livekit_events import egress_is


async def _recording(world: World) -> str:
    recording = await world.started("r")
    await egress_is(world, recording, EgressStatus.ACTIVE)
    return recording.id


async def test_the_recorder_is_told_and_the_row_remembers(world: World) -> None:
    recording_id = await _recording(world)
    changed = await world.recording_layout.change(TENANT, "r", "grid-light", 9)
    assert world.livekit.layouts == {"EG_1": "grid-light?maxTiles=9"}
    options: Mapping[str, Any] = (await world.recording(recording_id)).options
    assert options == changed.options == {"layout": "grid-light", "max_tiles": 9}
    await world.recording_layout.change(TENANT, "r", "speaker")
    assert (await world.recording(recording_id)).options == {"layout": "speaker"}


async def test_a_grid_after_a_grid_may_keep_its_tiles_and_each_change_is_told(world: World) -> None:
    recording_id = await _recording(world)
    layout = world.recording_layout
    await layout.change(TENANT, "r", "grid", 4)
    kept = await layout.change(TENANT, "r", "grid-light", keeps_tiles=True)
    assert kept.options == {"layout": "grid-light", "max_tiles": 4}
    await layout.change(TENANT, "r", "speaker", keeps_tiles=True)
    page = await world.audit_log.page(AuditFilter(action=Action.RECORDING_LAYOUT), cursor=None, limit=9)
    assert {entry.object_id for entry in page.entries} == {recording_id}
    assert [entry.details for entry in reversed(page.entries)] == [
        {"room_id": "r", "layout": "grid", "max_tiles": 4},
        {"room_id": "r", "layout": "grid-light", "max_tiles": 4},
        {"room_id": "r", "layout": "speaker"},
    ]


async def test_what_nobody_records_has_no_layout(world: World) -> None:
    with pytest.raises(RecordingNotActive):
        await world.recording_layout.change(TENANT, "nowhere", "grid")


@pytest.mark.parametrize(("layout", "tiles"), [("mosaic", None), ("speaker", 4)])
async def test_an_unknown_layout_is_refused_before_anything_else(
    world: World, layout: str, tiles: int | None
) -> None:
    await _recording(world)
    with pytest.raises(Invalid):
        await world.recording_layout.change(TENANT, "r", layout, tiles)
    assert world.livekit.layouts == {}


def test_what_is_offered_is_what_the_recorder_knows() -> None:
    assert LAYOUTS == EGRESS_LAYOUTS
    named = CompositeOptions(layout="grid-dark", max_tiles=16).layout_name
    assert read_look(named).max_tiles == 16
    assert read_look(CompositeOptions(max_tiles=4).layout_name).max_tiles == 4
    assert CompositeOptions().layout_name == ""


async def test_a_recorder_that_is_out_of_the_room_for_a_moment_is_to_be_asked_again(world: World) -> None:
    recording_id = await _recording(world)
    options = (await world.recording(recording_id)).options
    world.livekit.egresses["EG_1"] = replace(world.livekit.egresses["EG_1"], status=EgressStatus.ENDING)
    with pytest.raises(PartUnavailable, match="coming back"):
        await world.recording_layout.change(TENANT, "r", "grid-light")
    assert (await world.recording(recording_id)).options == options


async def test_of_two_changes_at_once_the_row_has_the_one_that_the_recorder_heard_last(world: World) -> None:
    recording_id = await _recording(world)
    update_layout, has_heard_both = world.livekit.update_layout, asyncio.Event()
    told: list[str] = []

    async def slow_at_first(egress_id: str, layout: str) -> None:
        await update_layout(egress_id, layout)
        told.append(layout)
        if len(told) == 1:
            with suppress(TimeoutError):  # the second is waiting for this one, as it should
                async with asyncio.timeout(0.3):
                    await has_heard_both.wait()

    async def second() -> None:
        while not told:
            await asyncio.sleep(0.001)
        await world.recording_layout.change(TENANT, "r", "speaker")
        has_heard_both.set()

    world.livekit.update_layout = slow_at_first  # type: ignore[method-assign]  # the race, made certain
    await asyncio.gather(world.recording_layout.change(TENANT, "r", "grid"), second())
    assert told == ["grid", "speaker"]
    assert (await world.recording(recording_id)).options == {"layout": "speaker"}


async def test_one_that_is_begun_just_when_it_changes_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.livekit.fail_next(PartUnavailable("no response from servers", part="livekit"))
    hall, _ = await world.halls.create(
        TENANT, name="h", max_participants=50, record=True, moderation=False, metadata={}
    )
    world.clock.advance(5)

    async def claimed_after_the_look(*args: Any) -> Recording | None:
        monkeypatch.undo()
        seen = await wait_for_egress(*args)
        assert await world.recording_queue.start_queued()
        return seen

    monkeypatch.setattr("rtcstack.services.recording_layout.wait_for_egress", claimed_after_the_look)
    changed = await world.recording_layout.change(TENANT, hall.id, "grid-light")
    assert world.livekit.layouts == {"EG_1": "grid-light"}
    assert (await world.recording(changed.id)).options == changed.options == {"layout": "grid-light"}
