"""A worker with one core: recordings are begun until they need it all, and everybody is told the same, in words."""

import asyncio
import itertools
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from livekit import api

from tests.integration.api.conftest import open_api
from tests.integration.egress.dispatcher.harness import PATIENCE_S
from tests.integration.egress.dispatcher.room import Recorded, Room
from tests.integration.egress.recorder.footage import Footage, close_to
from tests.support.database import put_database

pytestmark = pytest.mark.alone  # what else runs would take of the core what is promised here
_MEASURED, _MOST = 2, 12
"""So many are measured before the next one is begun; the others follow at once. A dozen would need the core twice over."""
_MEASURED_S = 6.0
"""What a recording costs is known of one that has lasted so long."""
_NEED = re.compile(r"The recordings that run need ([\d.]+) of 1 cores, another one some ([\d.]+)\.")
_MOVING = {"colour": (120, 90, 200), "moves": True, "fps": 30, "tone_hz": 440}


async def test_a_start_is_refused_when_the_core_is_taken_and_what_runs_is_recorded(
    room: Room, tmp_path: Path
) -> None:
    room.worker.keep_to({min(os.sched_getaffinity(0))})
    own = room.settings.model_copy(update={"data": tmp_path / "api"})
    own.data.mkdir()
    put_database(own.database_path)
    async with open_api(own) as opened:
        before = await _until_promised(opened.http)
        await room.come(**_MOVING)
        begun, refused, full = await _begin_until_refused(room, opened.http)
        kept = room.worker.folders()

    assert before["message"].startswith(f"{before['more'] or 'so many'} more recording"), before
    assert refused is not None, f"{len(begun)} recordings on one core"
    assert refused.code == api.TwirpErrorCode.RESOURCE_EXHAUSTED
    assert sorted(kept) == sorted(begun)
    assert (full["can_record"], full["more"]) == (False, 0)
    for told in (refused.message, full["message"]):
        said = _NEED.search(told)
        assert said, told
        assert float(said[1]) + float(said[2]) > 1.1, told
    for egress_id in begun:
        await room.until_recorded(egress_id, 1, _MEASURED_S)
        await room.caller.stop(egress_id)
    for number, egress_id in enumerate(begun):
        _check(await _ended(room, egress_id, number, tmp_path))


async def _until_promised(http: httpx.AsyncClient) -> dict[str, Any]:
    """Return what is said once a recording would get every picture, or after a minute: the core may be busy with what ran before."""
    said: dict[str, Any] = {}
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while not (said := (await http.get("/v1/capacity")).json())["more"]:
                await asyncio.sleep(0.2)
    return said


async def _begin_until_refused(
    room: Room, http: httpx.AsyncClient
) -> tuple[list[str], api.TwirpError | None, dict[str, Any]]:
    """Return the egress ids of the recordings that were begun, what was said to the one that was not, and what is said then.

    One that is measured may turn out to need less than it was taken for: if that comes in between, there is room again.
    """
    begun: list[str] = []
    said: dict[str, Any] = {}
    for _ in range(4 * _MOST):
        try:
            started = await room.caller.start(filepath=f"{room.caller.room_name}/{len(begun)}.mp4")
        except api.TwirpError as e:
            said = (await http.get("/v1/capacity")).json()
            if said["can_record"]:
                continue
            return begun, e, said
        begun.append(started.egress_id)
        if len(begun) == _MOST:
            break
        if len(begun) <= _MEASURED:
            await room.until_recorded(begun[-1], 1, _MEASURED_S)
    return begun, None, said


async def _ended(room: Room, egress_id: str, number: int, folder: Path) -> Recorded:
    info = await room.hooks.wait_for(egress_id, "egress_ended", "COMPLETE")
    file, key = folder / f"{number}.mp4", f"{room.caller.room_name}/{number}.mp4"
    await asyncio.to_thread(room.bucket.fget_object, room.settings.storage.bucket, key, str(file))
    return Recorded(info, file, ())


def _check(recorded: Recorded) -> None:
    """It plays from its first moment to its last: who was there is seen moving, and heard."""
    footage, length_s = Footage.read(recorded.file), recorded.duration_s
    assert length_s > _MEASURED_S - 1
    assert footage.pictures[0][0] == 0
    assert footage.pictures[-1][0] + 1 / 30 == pytest.approx(length_s, abs=0.05)
    assert len(footage.sound) / 48_000 == pytest.approx(length_s, abs=0.1)
    assert footage.level(_MOVING["tone_hz"], 1, length_s) > 0.1
    seen = [footage.picture(at_s) for at_s in np.arange(1, length_s - 1)]
    middle = [tuple(map(int, picture[36, 64])) for picture in seen]
    assert all(close_to((0, *chroma), (0, *_MOVING["colour"][1:])) for _, *chroma in middle), middle
    changes = [np.abs(a[..., 0].astype(int) - b[..., 0]).mean() for a, b in itertools.pairwise(seen)]
    assert np.median(changes) > 2, "it moves"
