"""Sound alone, Opus, images alone: four small egresses of one room side by side, and what the store has of each."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from livekit import api
from livekit.protocol import models
from minio import Minio

from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import Caller, Hooks, WorkerProcess
from tests.integration.egress.recorder.footage import Footage
from tests.integration.egress.recorder.harness import Participant, Stagehand

_OPTIONS = {"width": 320, "height": 180, "framerate": 10}


@pytest.fixture
def ann(settings: Settings, caller: Caller, tmp_path: Path) -> Iterator[Participant]:
    stage = Stagehand(settings.livekit, tmp_path, caller.room_name)
    yield stage.come("ann", colour=(110, 180, 90), tone_hz=440, width=320, height=180)
    stage.clear()


async def _start_all(caller: Caller, ann: Participant) -> list[api.EgressInfo]:
    room, egress = caller.room_name, caller.lk.egress
    still = api.ImageOutput(filename_prefix=f"{room}/still", capture_interval=1)
    opus = api.EncodingOptions(audio_codec=models.AudioCodec.OPUS, **_OPTIONS)
    of_room = api.RoomCompositeEgressRequest
    return list(
        await asyncio.gather(
            egress.start_room_composite_egress(
                of_room(
                    room_name=room,
                    audio_only=True,
                    file_outputs=[api.EncodedFileOutput(filepath=f"{room}/sound")],
                )
            ),
            egress.start_room_composite_egress(
                of_room(
                    room_name=room,
                    advanced=opus,
                    file_outputs=[api.EncodedFileOutput(filepath=f"{room}/both.mp4", disable_manifest=True)],
                )
            ),
            egress.start_track_egress(
                api.TrackEgressRequest(
                    room_name=room,
                    track_id=ann.tracks["audio"],
                    file=api.DirectFileOutput(
                        filepath="{room_name}/{publisher_identity}-{track_source}-{track_type}"
                    ),
                )
            ),
            egress.start_room_composite_egress(
                of_room(room_name=room, advanced=api.EncodingOptions(**_OPTIONS), image_outputs=[still])
            ),
        )
    )


async def test_each_makes_what_it_was_asked_for(
    worker: WorkerProcess,
    hooks: Hooks,
    caller: Caller,
    ann: Participant,
    bucket: Minio,
    settings: Settings,
    tmp_path: Path,
) -> None:
    started = await _start_all(caller, ann)
    for info in started:
        await hooks.wait_for(info.egress_id, "egress_updated", "ACTIVE")
    await asyncio.sleep(2.5)
    await asyncio.gather(*(caller.stop(info.egress_id) for info in started))
    for info in started:
        await hooks.wait_for(info.egress_id, "egress_ended", "COMPLETE")
    sound, both, track, images = [await caller.get(info.egress_id) for info in started]
    room, name = caller.room_name, settings.storage.bucket
    await worker.wait_until_empty()
    found = {item.object_name for item in bucket.list_objects(name, f"{room}/")}
    stills = {f"{room}/still_{n:05d}.jpeg" for n in range(images.image_results[0].image_count)}
    files = {"sound.ogg", "sound.json", "both.mp4", "both.index.json.gz", "still.json"}
    of_track = {f"{room}/ann-microphone-audio.ogg", f"{room}/ann-microphone-audio.json"}
    assert found == {f"{room}/{file}" for file in files} | of_track | stills
    assert len(stills) >= 2

    for info, key, kinds in (
        (sound, f"{room}/sound.ogg", {"opus"}),
        (both, f"{room}/both.mp4", {"h264", "opus"}),
        (track, f"{room}/ann-microphone-audio.ogg", {"opus"}),
    ):
        assert info.file_results[0].filename == key
        file = tmp_path / Path(key).name
        bucket.fget_object(name, key, str(file))
        with av.open(str(file)) as container:
            assert {stream.codec_context.name for stream in container.streams} == kinds
            assert container.format.name.startswith("ogg" if key.endswith(".ogg") else "mov")
        heard = Footage.read(file)
        length_s = info.file_results[0].duration / 1e9
        assert len(heard.sound) / 48_000 == pytest.approx(length_s, abs=0.1)
        assert heard.level(440, length_s - 1.2, length_s - 0.4) > 0.05
    assert not images.file_results
    assert images.manifest_location.endswith("/still.json")
    assert not both.manifest_location
