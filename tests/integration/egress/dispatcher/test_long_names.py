"""Names as long as the store takes them: what is accepted at the start is stored at the end."""

import asyncio

import pytest
from livekit import api
from minio import Minio

from rtcstack.domain.object_key import index_key
from rtcstack.settings import Settings
from tests.integration.egress.dispatcher.harness import Caller, Hooks, WorkerProcess

_LONGEST_NAME, _LONGEST_KEY = 255, 1024
_TIMESTAMP = 1


def _file(room_name: str, kind: str) -> str:
    """Return a path whose index is called as long as anything may be."""
    folder = f"{room_name}/" if kind == "name" else f"{room_name}/{'folder/' * 125}"
    room = min(_LONGEST_NAME, _LONGEST_KEY - len(folder)) - len(".index.json.gz")
    wide = "会" * (room // 3)
    return f"{folder}{wide}{'x' * (room % 3)}.mp4"


@pytest.mark.parametrize("kind", ["name", "key"])
async def test_what_is_called_as_long_as_the_store_takes_it_is_stored(
    worker: WorkerProcess, hooks: Hooks, caller: Caller, bucket: Minio, settings: Settings, kind: str
) -> None:
    key = _file(caller.room_name, kind)
    whole = index_key(key).encode()
    assert len(whole) == _LONGEST_KEY if kind == "key" else len(whole.rpartition(b"/")[2]) == _LONGEST_NAME
    request = api.RoomCompositeEgressRequest(
        room_name=caller.room_name,
        file_outputs=[api.EncodedFileOutput(filepath=key)],
        segment_outputs=[
            api.SegmentedFileOutput(
                playlist_name=f"{caller.room_name}/{'l' * 250}",
                filename_prefix=f"{caller.room_name}/{'s' * 234}",
                filename_suffix=_TIMESTAMP,
                segment_duration=1,
            )
        ],
        image_outputs=[
            api.ImageOutput(
                filename_prefix=f"{caller.room_name}/{'i' * 232}",
                filename_suffix=_TIMESTAMP,
                capture_interval=1,
            )
        ],
    )
    started = await caller.lk.egress.start_room_composite_egress(request)
    await hooks.wait_for(started.egress_id, "egress_updated", "ACTIVE")
    await caller.stop(started.egress_id)
    ended = await hooks.wait_for(started.egress_id, "egress_ended")
    assert (ended["status"], ended.get("error")) == ("EGRESS_COMPLETE", None)
    await worker.wait_until_empty()

    found = await asyncio.to_thread(
        lambda: [
            found.object_name or ""
            for found in bucket.list_objects(settings.storage.bucket, f"{caller.room_name}/", recursive=True)
        ]
    )
    assert {key, index_key(key), f"{key.removesuffix('.mp4')}.json"} <= set(found)
    lengths = {name.rpartition(".")[2]: len(name.rpartition("/")[2].encode()) for name in found}
    assert (lengths["m3u8"], lengths["ts"], lengths["jpeg"]) == (_LONGEST_NAME,) * 3


async def test_what_would_be_called_longer_is_refused_at_once(worker: WorkerProcess, caller: Caller) -> None:
    told = r"filepath: a name between slashes has 255 bytes at most, and this would have 25[6-9]"
    for kind, words in (("name", told), ("key", "filepath: a key has 1024 bytes at most")):
        with pytest.raises(api.TwirpError, match=words) as caught:
            await caller.start(filepath=_file(caller.room_name, kind).removesuffix(".mp4") + "x.mp4")
        assert caught.value.status == 400
    assert worker.folders() == []
