"""Every form of request, through LiveKit's ordinary API, against a room with real people in it."""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from livekit import api
from minio import Minio

from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import Caller, Hooks, WorkerProcess
from tests.integration.egress.recorder.footage import Colour, Footage, close_to
from tests.integration.egress.recorder.harness import Participant, Stagehand

BLUE, RED = (110, 180, 90), (90, 100, 200)
SMALL = api.EncodingOptions(width=320, height=180, framerate=10)


@pytest.fixture
def people(settings: Settings, caller: Caller, tmp_path: Path) -> Iterator[dict[str, Participant]]:
    """Ann with a camera and a tone of 440 Hz, Bob who shares a screen that sounds of 1000 Hz."""
    stage = Stagehand(settings.livekit, tmp_path, caller.room_name)
    small = {"width": 320, "height": 180, "fps": 10}
    yield {
        "ann": stage.come("ann", colour=BLUE, tone_hz=440, **small),
        "bob": stage.come("bob", colour=RED, tone_hz=1000, screen=True, **small),
    }
    stage.clear()


class Taker:
    """Records something for two seconds and reads the file back."""

    def __init__(self, caller: Caller, hooks: Hooks, bucket: Minio, settings: Settings) -> None:
        self.caller, self._hooks, self._bucket, self._name = caller, hooks, bucket, settings.storage.bucket

    @asynccontextmanager
    async def file(self, started: api.EgressInfo) -> AsyncIterator[Path]:
        await self._hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
        await asyncio.sleep(2)
        await self.caller.stop(started.egress_id)
        ended = await self._hooks.wait_for(started.egress_id, "egress_ended", "COMPLETE")
        with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
            key = ended["fileResults"][0]["filename"]
            await asyncio.to_thread(self._bucket.fget_object, self._name, key, file.name)
            yield Path(file.name)


@pytest.fixture
def taker(worker: WorkerProcess, hooks: Hooks, caller: Caller, bucket: Minio, settings: Settings) -> Taker:
    del worker  # only has to run
    return Taker(caller, hooks, bucket, settings)


def check(file: Path, colour: Colour | None, heard_hz: float | None) -> None:
    footage = Footage.read(file)
    if colour is None:
        assert not footage.pictures
    else:
        assert close_to(footage.colour(1.2, 160, 90), colour)
        assert close_to(footage.colour(1.2, 10, 10), colour)
    for hz in (440, 1000):
        if footage.sound.size:
            assert (footage.level(hz, 0.7, 1.7) > 0.05) == (hz == heard_hz)
    assert bool(footage.sound.size) == (heard_hz is not None)


async def test_a_participant(taker: Taker, people: dict[str, Participant]) -> None:
    del people  # only have to be there
    request = api.ParticipantEgressRequest(
        room_name=taker.caller.room_name,
        identity="ann",
        advanced=SMALL,
        file_outputs=[api.EncodedFileOutput(filepath="{room_name}/{publisher_identity}.mp4")],
    )
    started = await taker.caller.lk.egress.start_participant_egress(request)
    assert started.file_results[0].filename == f"{taker.caller.room_name}/ann.mp4"
    async with taker.file(started) as file:
        check(file, BLUE, 440)


async def test_a_screen_with_its_sound(taker: Taker, people: dict[str, Participant]) -> None:
    request = api.TrackCompositeEgressRequest(
        room_name=taker.caller.room_name,
        video_track_id=people["bob"].tracks["video"],
        audio_track_id=people["bob"].tracks["audio"],
        advanced=SMALL,
        file_outputs=[api.EncodedFileOutput(filepath=f"{taker.caller.room_name}/screen.mp4")],
    )
    async with taker.file(await taker.caller.lk.egress.start_track_composite_egress(request)) as file:
        check(file, RED, 1000)


async def test_one_track(taker: Taker, people: dict[str, Participant]) -> None:
    request = api.TrackEgressRequest(
        room_name=taker.caller.room_name,
        track_id=people["ann"].tracks["video"],
        file=api.DirectFileOutput(filepath=f"{taker.caller.room_name}/track.mp4"),
    )
    async with taker.file(await taker.caller.lk.egress.start_track_egress(request)) as file:
        check(file, BLUE, None)
        with av.open(str(file)) as container:
            assert (container.streams.video[0].width, container.streams.video[0].height) == (320, 180)


async def test_media_in_the_newer_form(taker: Taker, people: dict[str, Participant]) -> None:
    del people  # only have to be there
    started = await taker.caller.lk.egress.start_egress(
        api.StartEgressRequest(
            room_name=taker.caller.room_name,
            media=api.MediaSource(
                participant_video=api.ParticipantVideo(identity="bob", prefer_screen_share=True),
                audio=api.AudioConfig(routes=[api.AudioRoute(participant_identity="ann")]),
            ),
            advanced=SMALL,
            outputs=[api.Output(file=api.FileOutput(filepath=f"{taker.caller.room_name}/media.mp4"))],
        )
    )
    async with taker.file(started) as file:
        check(file, RED, 440)


@pytest.mark.parametrize("is_picture", [True, False])
async def test_a_room_without_sound_or_picture(
    taker: Taker, people: dict[str, Participant], is_picture: bool
) -> None:
    del people  # only have to be there
    request = api.RoomCompositeEgressRequest(
        room_name=taker.caller.room_name,
        layout="single-speaker",
        video_only=is_picture,
        audio_only=not is_picture,
        advanced=SMALL,
        file_outputs=[api.EncodedFileOutput(filepath=f"{taker.caller.room_name}/half.mp4")],
    )
    async with taker.file(await taker.caller.lk.egress.start_room_composite_egress(request)) as file:
        footage = Footage.read(file)
    assert bool(footage.pictures) == is_picture
    assert bool(footage.sound.size) == (not is_picture)
    if is_picture:
        assert close_to(footage.colour(1.2, 160, 90), RED), "the screen comes first"
    else:
        assert min(footage.level(hz, 0.7, 1.7) for hz in (440, 1000)) > 0.05


async def test_the_layout_changes_by_livekits_own_call(
    taker: Taker, hooks: Hooks, people: dict[str, Participant]
) -> None:
    del people  # only have to be there
    started = await taker.caller.start()
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await asyncio.sleep(2)
    request = api.UpdateLayoutRequest(egress_id=started.egress_id, layout="single-speaker-light")
    await taker.caller.lk.egress.update_layout(request)
    async with taker.file(started) as file:
        footage = Footage.read(file)
    assert close_to(footage.colour(1.5, 1120, 360), BLUE), "Ann is beside the screen"
    assert close_to(footage.colour(footage.pictures[-1][0], 1120, 360), RED), "and now the screen is alone"


@pytest.mark.parametrize(
    ("preset", "height", "width", "framerate"),
    [
        (api.EncodingOptionsPreset.PORTRAIT_H264_720P_60, 1280, 720, 60),
        (api.EncodingOptionsPreset.H264_1080P_30, 1080, 1920, 30),
    ],
)
async def test_a_preset_is_the_files_size_and_rate(
    taker: Taker,
    people: dict[str, Participant],
    preset: api.EncodingOptionsPreset,
    height: int,
    width: int,
    framerate: int,
) -> None:
    del people  # only have to be there
    request = api.RoomCompositeEgressRequest(
        room_name=taker.caller.room_name,
        preset=preset,
        file_outputs=[api.EncodedFileOutput(filepath=f"{taker.caller.room_name}/preset.mp4")],
    )
    async with taker.file(await taker.caller.lk.egress.start_room_composite_egress(request)) as file:
        footage = Footage.read(file)
    at_s, last = footage.pictures[-1]
    assert last.shape == (height // 10, width // 10, 3)
    assert at_s * framerate == pytest.approx(round(at_s * framerate), abs=0.02)
    steps_s = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(footage.pictures)]
    assert min(steps_s) * framerate == pytest.approx(1, abs=0.05)
    for colour in (BLUE, RED):
        share = np.mean(np.all(np.abs(last.astype(int) - colour) < 40, axis=-1))
        assert share > 0.05, f"{colour} is in {share:.0%} of the picture"
