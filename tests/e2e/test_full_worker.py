"""A worker that is full: a start is refused with the reason, a hall's recording waits for its turn; and a layout that changes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from av.error import InvalidDataError

from rtcstack.demo import hearing, sight
from rtcstack.demo.picture import chroma
from tests.chaos.waiting import until
from tests.e2e.conftest import Caller, open_caller
from tests.e2e.halls import HallCaller
from tests.integration.egress.recorder.footage import Colour, Footage, at_place, close_to, latest
from tests.support.appliance import Appliance

_FILM_S, _END_S = 1.5, 0.5
_ANN = 1
_DARK, _LIGHT = 80, 160
_MIDDLE, _EDGE = (640, 360), (20, 360)
"""Beside a picture of four to three there is the layout's ground."""


@pytest.fixture
async def small(new_appliance: Callable[..., Appliance]) -> Appliance:
    """An appliance that records one room at a time."""
    made = new_appliance(RTCSTACK_EGRESS__MAX_RECORDINGS="1")
    await asyncio.to_thread(made.start)
    return made


@pytest.fixture
async def caller(small: Appliance, tmp_path: Path) -> AsyncIterator[Caller]:
    async with open_caller(small, tmp_path) as opened:
        yield opened


async def _refused(http: httpx.AsyncClient, room_id: str) -> None:
    capacity = (await http.get("/v1/capacity")).json()
    assert (capacity["can_record"], capacity["more"]) == (False, 0)
    answer = await http.post(f"/v1/rooms/{room_id}/recording/start")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (503, "capacity")
    assert "the settings allow no more (RTCSTACK_EGRESS__MAX_RECORDINGS)" in error["message"]
    assert error["message"] == capacity["message"]


async def test_what_is_one_too_many_is_refused_or_waits_and_a_layout_is_seen_in_the_file(
    caller: Caller, small: Appliance
) -> None:
    first, second = await caller.room("first"), await caller.room("second")
    await caller.join(first, 0, width=320, height=240)
    await caller.until_active(first)
    await _refused(caller.http, second)

    async with HallCaller(caller, small) as halls:
        hall = (await halls.create(name="h", record=True))["hall_id"]
        await halls.join(await halls.token(hall, "ann"), _ANN)
        assert await caller.status(hall) == {"active": False}, "it waits"
        changed = await caller.http.post(f"/v1/rooms/{first}/recording/layout", json={"layout": "grid-light"})
        assert changed.json()["layout"] == "grid-light"
        part = await _part(caller, small, first)
        await until(lambda: asyncio.to_thread(_shows, part, _EDGE, _is_light), "the layout changes")
        stopped = await caller.stop(first)
        await caller.ended(stopped["egressId"])

        async def begins() -> bool:
            return bool((await caller.status(hall))["active"])

        await until(begins, "the hall's recording begins when there is room")
        part = await _part(caller, small, hall)
        await until(lambda: asyncio.to_thread(_shows, part, _MIDDLE, _is_ann), "she is seen")
        await asyncio.sleep(_FILM_S)
        ended = await caller.ended((await caller.stop(hall))["egressId"])
        assert ended["duration"] >= 1

    pictures = Footage.read(await caller.download(first)).pictures
    dark, light = at_place(pictures[0][1], *_EDGE), at_place(pictures[-1][1], *_EDGE)
    assert dark[0] < _DARK
    assert _is_light(light)
    _check_end(await caller.download(hall), _ANN)


async def _part(caller: Caller, appliance: Appliance, room_id: str) -> Path:
    """Return the file that the room's recording is written to."""
    egress_id = (await caller.status(room_id))["egressId"]
    return appliance.settings.spool_path / egress_id / "part-1.mp4"


def _shows(part: Path, place: tuple[int, int], is_so: Callable[[Colour], bool]) -> bool:
    """Whether a growing file's last picture has such a colour there."""
    with suppress(FileNotFoundError, InvalidDataError):  # its first half second is not written yet
        return is_so(at_place(latest(part)[1], *place))
    return False


def _is_light(colour: Colour) -> bool:
    return colour[0] > _LIGHT


def _is_ann(colour: Colour) -> bool:
    return close_to(colour, (colour[0], *chroma(_ANN)))


def _check_end(file: Path, index: int) -> None:
    """In the file's last half second the participant is seen moving, and heard."""
    frames = list(sight.look(file, [index]))
    last = [frame for frame in frames if frame.time_s > frames[-1].time_s - _END_S]
    numbers = [frame.seen[index].number for frame in last if frame.seen]
    assert last[-1].seen
    assert numbers == sorted(numbers)
    assert len(set(numbers)) > 1
    sound = hearing.load(file)
    assert hearing.is_heard(sound[-round(_END_S * hearing.SAMPLE_RATE) :], index)
    assert abs(len(sound) / hearing.SAMPLE_RATE - frames[-1].time_s) < _END_S
