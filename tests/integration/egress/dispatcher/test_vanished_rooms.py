"""A room that closes while its recorder is not in it ends the egress, and does not come back to life."""

from typing import Any

import pytest
from livekit import api

from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import Caller, Hooks, WorkerProcess
from tests.support.deaf_relay import DeafRelay
from tests.support.standstill import standing_still

pytestmark = pytest.mark.alone  # a join that hangs is given up after some seconds


async def _rooms(caller: Caller) -> list[str]:
    listed = await caller.lk.room.list_rooms(api.ListRoomsRequest(names=[caller.room_name]))
    return [room.sid for room in listed.rooms]


def _check_nothing_recorded(ended: dict[str, Any]) -> None:
    assert "fileResults" not in ended
    assert "End reason: Source closed" in ended["details"]
    assert "Nothing had been recorded, so nothing is lost." in ended["error"]


async def test_a_room_that_joining_would_make_anew_is_not_recorded_and_not_left(
    worker: WorkerProcess, hooks: Hooks, caller: Caller
) -> None:
    with standing_still(worker.zygote_pid()):
        started = await caller.start()
        await caller.delete_room()
    _check_nothing_recorded(await hooks.wait_for(started.egress_id, "egress_ended", "ABORTED"))
    assert await _rooms(caller) == []
    await worker.wait_until_empty()


async def test_somebody_elses_new_room_of_the_same_name_is_left_alone(
    worker: WorkerProcess, hooks: Hooks, caller: Caller
) -> None:
    with standing_still(worker.zygote_pid()):
        started = await caller.start()
        await caller.delete_room()
        anew = await caller.lk.room.create_room(api.CreateRoomRequest(name=caller.room_name, metadata="{}"))
    _check_nothing_recorded(await hooks.wait_for(started.egress_id, "egress_ended", "ABORTED"))
    assert await _rooms(caller) == [anew.sid]


async def test_a_room_that_closes_while_it_is_being_joined_is_not_made_anew(
    stopped_worker: WorkerProcess, hooks: Hooks, caller: Caller, settings: Settings
) -> None:
    async with DeafRelay(settings.livekit.host, settings.livekit.port) as relay:
        stopped_worker.start(RTCSTACK_LIVEKIT__PORT=str(relay.port))
        started = await caller.start()
        await relay.heard_nothing.wait()
        await caller.delete_room()
        _check_nothing_recorded(await hooks.wait_for(started.egress_id, "egress_ended", "ABORTED"))
        assert await _rooms(caller) == []
        await stopped_worker.wait_until_empty()


async def test_a_room_that_closes_while_its_recorder_is_cut_off_is_not_made_anew(
    stopped_worker: WorkerProcess, hooks: Hooks, caller: Caller, settings: Settings
) -> None:
    async with DeafRelay(settings.livekit.host, settings.livekit.port) as relay:
        relay.is_deaf = False
        stopped_worker.start(RTCSTACK_LIVEKIT__PORT=str(relay.port))
        started = await caller.start()
        await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
        relay.turns_away = True
        relay.cut()
        await stopped_worker.until_logged('"event": "disconnected"')
        await caller.delete_room()
        relay.turns_away = False
        ended = await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
        assert "End reason: Source closed" in ended["details"]
        assert await _rooms(caller) == []
        await stopped_worker.wait_until_empty()


async def test_a_new_room_of_the_same_name_is_left_alone_when_the_recorded_one_has_closed(
    worker: WorkerProcess, hooks: Hooks, caller: Caller
) -> None:
    started = await caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await caller.delete_room()
    anew = await caller.lk.room.create_room(api.CreateRoomRequest(name=caller.room_name))
    await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
    assert await _rooms(caller) == [anew.sid]
    await worker.wait_until_empty()


async def test_a_join_that_hangs_is_given_to_another_recorder(
    stopped_worker: WorkerProcess, hooks: Hooks, caller: Caller, settings: Settings
) -> None:
    async with DeafRelay(settings.livekit.host, settings.livekit.port) as relay:
        stopped_worker.start(RTCSTACK_LIVEKIT__PORT=str(relay.port))
        started = await caller.start()
        await relay.heard_nothing.wait()
        relay.is_deaf = False
        await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
        await caller.stop(started.egress_id)
        ended = await hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
        assert "recovered" not in ended["details"], "nothing of it is missing"
