"""An object that was begun before its length was known is described by its index."""

from rtcstack.services.stored_facts import stat_recording
from tests.fakes.storage import FakeStorage

_KEY, _INDEX = "room/a.mp4", "room/a.index.json.gz"
_OWN = {"rtcstack-egress": "EG_1", "rtcstack-facts": "index"}
_BESIDE = {
    "rtcstack-egress": "EG_1",
    "rtcstack-duration-ms": "61000",
    "rtcstack-video": "h264,1280x720,30",
    "rtcstack-sha256": "of the index",
    "rtcstack-recording-sha256": "of the recording",
}


async def test_what_the_index_says_is_the_objects() -> None:
    store = FakeStorage()
    store.put(_KEY, 1000, _OWN)
    store.put(_INDEX, 10, _BESIDE)
    found = await stat_recording(store, _KEY)
    assert found.size_bytes == 1000
    assert found.metadata == {
        **_OWN,
        "rtcstack-duration-ms": "61000",
        "rtcstack-video": "h264,1280x720,30",
        "rtcstack-sha256": "of the recording",
    }


async def test_what_the_object_says_itself_is_enough() -> None:
    store = FakeStorage()
    store.put(_KEY, 1000, {"rtcstack-sha256": "own"})
    store.put(_INDEX, 10, _BESIDE)
    found = await stat_recording(store, _KEY)
    assert found.metadata == {"rtcstack-sha256": "own"}
    assert store.calls == ["stat"]


async def test_an_index_that_is_missing_or_of_another_egress_says_nothing() -> None:
    store = FakeStorage()
    store.put(_KEY, 1000, _OWN)
    assert (await stat_recording(store, _KEY)).metadata == _OWN
    store.put(_INDEX, 10, {**_BESIDE, "rtcstack-egress": "EG_2"})
    assert (await stat_recording(store, _KEY)).metadata == _OWN
