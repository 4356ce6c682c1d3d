"""What is recorded of a room arrives in the store in parts while it is recorded, and becomes one file that plays to its end."""

import asyncio
import hashlib
from pathlib import Path

import pytest
from livekit import api
from minio.datatypes import Part

from rtcstack.egress.dispatcher.uploader import PART_BYTES
from tests.integration.egress.dispatcher.ahead import unfinished
from tests.integration.egress.dispatcher.harness import PATIENCE_S
from tests.integration.egress.dispatcher.room import Room
from tests.integration.egress.recorder.footage import Colour, Footage, close_to

pytestmark = pytest.mark.alone  # so many recorders, or so many bytes, take the machine

RED, BLUE, GREEN = (110, 90, 220), (110, 220, 100), (110, 60, 60)
TONES = {RED: 440, BLUE: 1000, GREEN: 440}
FPS = 10
LARGE = api.EncodingOptions(
    width=1280, height=720, framerate=FPS, video_bitrate=80_000, key_frame_interval=1 / FPS
)
"""No picture needs another one: of one that is anything but smooth they are some megabytes a second."""
ROUGH = {"width": 1280, "height": 720, "fps": FPS, "moves": True}
_FLAT = (640, 40)
"""Above the part of the participant's picture that moves."""


async def _record(room: Room) -> str:
    output = api.EncodedFileOutput(filepath=f"{room.caller.room_name}/take.mp4")
    request = api.RoomCompositeEgressRequest(
        room_name=room.caller.room_name, advanced=LARGE, file_outputs=[output]
    )
    started = await room.caller.lk.egress.start_room_composite_egress(request)
    await room.hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    return started.egress_id


async def _arrived(room: Room, number: int) -> Part:
    """Return what the store says of a part, once it has it."""
    name, key = room.settings.storage.bucket, f"{room.caller.room_name}/take.mp4"

    def look() -> Part | None:
        found = unfinished(room.bucket, name, key)
        parts = room.bucket._list_parts(name, key, found[0]).parts if found else []
        return next((part for part in parts if part.part_number == number), None)

    async with asyncio.timeout(PATIENCE_S):
        while (part := await asyncio.to_thread(look)) is None:
            await asyncio.sleep(0.1)
    return part


async def test_its_parts_are_in_the_store_before_it_ends_and_the_file_of_them_is_whole(
    room: Room, tmp_path: Path
) -> None:
    """Each next colour is shown when another part has arrived: what is seen of it was recorded after that."""
    ann = await room.come(colour=RED, tone_hz=TONES[RED], **ROUGH)
    egress_id = await _record(room)
    parts = []
    for number, colour in ((2, BLUE), (3, GREEN)):  # the first one is sent last
        parts.append(await _arrived(room, number))
        await asyncio.to_thread(ann.do, "change", colour=colour, tone_hz=TONES[colour])
    await asyncio.sleep(1.5)  # what is recorded
    await room.caller.stop(egress_id)
    made = await room.ended(egress_id, tmp_path)

    whole = made.file.read_bytes()
    for part in parts:
        sent = whole[(part.part_number - 1) * PART_BYTES : part.part_number * PART_BYTES]
        assert (part.size, part.etag) == (PART_BYTES, hashlib.md5(sent).hexdigest()), part.part_number
    name, key = room.settings.storage.bucket, f"{room.caller.room_name}/take.mp4"
    stored = await asyncio.to_thread(room.bucket.stat_object, name, key)
    assert (stored.etag or "").endswith(f"-{-(-len(whole) // PART_BYTES)}")
    assert unfinished(room.bucket, name, key) == []

    made.check_plays()
    footage = Footage.read(made.file)
    assert abs(footage.pictures[-1][0] + 1 / FPS - made.duration_s) < 0.05
    assert abs(len(footage.sound) / 48_000 - made.duration_s) < 0.1
    _check_order(footage)


def _check_order(footage: Footage) -> None:
    """The colours come one after the other, each with its tone, until the end."""
    shown: dict[Colour, list[float]] = {}
    for at_s, _ in footage.pictures:
        colour = next((c for c in TONES if close_to(footage.colour(at_s, *_FLAT), c, 20)), None)
        if colour is not None:
            shown.setdefault(colour, []).append(at_s)
    assert list(shown) == list(TONES)
    for (colour, seen), following in zip(shown.items(), [*list(shown.values())[1:], None], strict=True):
        assert following is None or seen[-1] < following[0]
        begin_s, end_s = seen[0] + 0.5, seen[-1] - 0.2
        for hz in set(TONES.values()):
            level = footage.level(hz, begin_s, end_s)
            assert (level > 0.02) == (hz == TONES[colour]), (colour, hz, level)
