"""Requests as older callers write them (`file`, `segments`), a participant's screen, and a template and a sound in the newest form.

Nine small egresses of one room side by side; what the store has of each is decoded.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from livekit import api
from minio import Minio

from rtcstack.egress.recorder.theme import LIGHT
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import Caller, Hooks, WorkerProcess
from tests.integration.egress.dispatcher.rendition import Playlist
from tests.integration.egress.recorder.footage import RATE_HZ, Colour, Footage, close_to
from tests.integration.egress.recorder.harness import Participant, Stagehand

pytestmark = pytest.mark.alone  # so many recorders, or so many bytes, take the machine

BLUE, RED = (110, 180, 90), (90, 100, 200)
CAMERA_HZ, SCREEN_HZ = 440, 1000
HEARD = 0.01
"""A tone has twenty times that, but on a busy machine it stumbles."""
SMALL = api.EncodingOptions(width=320, height=180, framerate=10)
Infos = dict[str, api.EgressInfo]


@pytest.fixture
def people(settings: Settings, caller: Caller, tmp_path: Path) -> Iterator[dict[str, Participant]]:
    """Ann with a camera and a microphone, Bob who does nothing but share a screen that sounds."""
    stage = Stagehand(settings.livekit, tmp_path, caller.room_name)
    small = {"width": 320, "height": 180, "fps": 10}
    yield {
        "ann": stage.come("ann", colour=BLUE, tone_hz=CAMERA_HZ, **small),
        "bob": stage.come("bob", colour=RED, tone_hz=SCREEN_HZ, screen=True, **small),
    }
    stage.clear()


def _file(room: str, name: str) -> api.EncodedFileOutput:
    return api.EncodedFileOutput(filepath=f"{room}/{name}.mp4")


def _segments(room: str, name: str) -> api.SegmentedFileOutput:
    return api.SegmentedFileOutput(
        filename_prefix=f"{room}/{name}/piece", playlist_name=f"{room}/{name}/list.m3u8", segment_duration=1
    )


async def _start_all(caller: Caller, people: dict[str, Participant]) -> Infos:
    room, egress = caller.room_name, caller.lk.egress
    whole = {"room_name": room, "layout": "single-speaker", "advanced": SMALL}
    tracks = {
        "room_name": room,
        "video_track_id": people["ann"].tracks["video"],
        "audio_track_id": people["bob"].tracks["audio"],
        "advanced": SMALL,
    }
    of_room, of_tracks = api.RoomCompositeEgressRequest, api.TrackCompositeEgressRequest
    screen = api.ParticipantEgressRequest(
        room_name=room,
        identity="bob",
        screen_share=True,
        advanced=SMALL,
        file_outputs=[_file(room, "screen")],
    )
    template = api.StartEgressRequest(
        room_name=room,
        template=api.TemplateSource(layout="speaker-light"),
        advanced=SMALL,
        outputs=[api.Output(file=api.FileOutput(filepath=f"{room}/template.mp4"))],
    )
    voice = api.StartEgressRequest(
        room_name=room,
        media=api.MediaSource(audio=api.AudioConfig(routes=[api.AudioRoute(participant_identity="ann")])),
        outputs=[api.Output(file=api.FileOutput(filepath=f"{room}/voice"))],
    )
    picture = {name: value for name, value in tracks.items() if name != "audio_track_id"}
    sound = {name: value for name, value in tracks.items() if name != "video_track_id"}
    starts = {
        "room": egress.start_room_composite_egress(of_room(file=_file(room, "room"), **whole)),
        "rooms": egress.start_room_composite_egress(of_room(segments=_segments(room, "rooms"), **whole)),
        "tracks": egress.start_track_composite_egress(of_tracks(file=_file(room, "tracks"), **tracks)),
        "pieces": egress.start_track_composite_egress(
            of_tracks(segments=_segments(room, "pieces"), **tracks)
        ),
        "picture": egress.start_track_composite_egress(of_tracks(file=_file(room, "picture"), **picture)),
        "sound": egress.start_track_composite_egress(of_tracks(file=_file(room, "sound"), **sound)),
        "screen": egress.start_participant_egress(screen),
        "template": egress.start_egress(template),
        "voice": egress.start_egress(voice),
    }
    return dict(zip(starts, await asyncio.gather(*starts.values()), strict=True))


def _check(footage: Footage, colours: dict[tuple[int, int], Colour], heard_hz: set[int]) -> None:
    """The places are looked at near its end; a segment's pictures need not begin at 0."""
    assert bool(footage.pictures) == bool(colours)
    assert bool(footage.sound.size) == bool(heard_hz)
    for place, colour in colours.items():
        assert close_to(footage.colour(footage.pictures[-1][0] - 0.2, *place), colour), place
    for hz in (CAMERA_HZ, SCREEN_HZ) if heard_hz else ():
        assert (footage.level(hz, 0, len(footage.sound) / RATE_HZ) > HEARD) == (hz in heard_hz), hz


def _played(folder: Path, name: str) -> Footage:
    return Footage.read(folder / name / "list.m3u8")


def _everywhere(colour: Colour) -> dict[tuple[int, int], Colour]:
    return dict.fromkeys(((10, 10), (160, 90), (310, 170)), colour)


def _check_answers(ended: Infos, folder: Path) -> None:
    """Who asked in the old form reads the answer in the old form, who did not does not."""
    for one in ("room", "tracks", "picture", "sound"):
        assert ended[one].file == ended[one].file_results[0]
        assert ended[one].file.filename == f"{folder.name}/{one}.mp4"
    for one in ("rooms", "pieces"):
        playlist = Playlist.parse((folder / one / "list.m3u8").read_text())
        assert ended[one].segments == ended[one].segment_results[0]
        assert ended[one].segments.playlist_name == f"{folder.name}/{one}/list.m3u8"
        assert ended[one].segments.segment_count == len(playlist.segments) >= 2
    for one in ("screen.mp4", "template.mp4", "voice.ogg"):
        info = ended[one.partition(".")[0]]
        assert info.WhichOneof("result") is None
        assert [file.filename for file in info.file_results] == [f"{folder.name}/{one}"]


async def test_each_records_what_it_was_asked_for_and_answers_in_its_own_form(
    worker: WorkerProcess,
    hooks: Hooks,
    caller: Caller,
    people: dict[str, Participant],
    bucket: Minio,
    settings: Settings,
    tmp_path: Path,
) -> None:
    started = await _start_all(caller, people)
    for info in started.values():
        await hooks.wait_for(info.egress_id, "egress_updated", "ACTIVE")
    await asyncio.sleep(2.5)  # what is recorded
    await asyncio.gather(*(caller.stop(info.egress_id) for info in started.values()))
    for info in started.values():
        await hooks.wait_for(info.egress_id, "egress_ended", "COMPLETE")
    await worker.wait_until_empty()
    folder, name = tmp_path / caller.room_name, settings.storage.bucket
    for item in bucket.list_objects(name, f"{folder.name}/", recursive=True):
        bucket.fget_object(name, item.object_name, str(tmp_path / item.object_name))

    both, beside = {CAMERA_HZ, SCREEN_HZ}, {(128, 0): LIGHT.background, (288, 20): LIGHT.background}
    _check(Footage.read(folder / "room.mp4"), _everywhere(RED), both)
    _check(_played(folder, "rooms"), _everywhere(RED), both)
    _check(Footage.read(folder / "tracks.mp4"), _everywhere(BLUE), {SCREEN_HZ})
    _check(_played(folder, "pieces"), _everywhere(BLUE), {SCREEN_HZ})
    _check(Footage.read(folder / "picture.mp4"), _everywhere(BLUE), set())
    _check(Footage.read(folder / "sound.mp4"), {}, {SCREEN_HZ})
    _check(Footage.read(folder / "voice.ogg"), {}, {CAMERA_HZ})
    _check(Footage.read(folder / "screen.mp4"), _everywhere(RED), {SCREEN_HZ})
    _check(Footage.read(folder / "template.mp4"), {(128, 90): RED, (288, 90): BLUE, **beside}, both)
    _check_answers({name: await caller.get(info.egress_id) for name, info in started.items()}, folder)
