import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from rtcstack.errors import DiskFull, PartUnavailable
from rtcstack.services.preflight import Disks, Preflight

_PARTS = ("redis", "minio", "livekit", "egress")


async def _well() -> None:
    return


async def _hangs() -> None:
    await asyncio.sleep(3600)


async def _down() -> None:
    raise PartUnavailable("it is down", part="livekit")


def _preflight(folder: Path, *, min_free_bytes: int = 0, **probes: object) -> Preflight:
    disks = Disks((folder,), folder, begin_bytes=min_free_bytes, end_bytes=0)
    return Preflight({**dict.fromkeys(_PARTS, _well), **probes}, disks, probe_timeout_s=0.05)  # type: ignore[dict-item]  # probes by keyword


async def test_the_report_names_who_is_down_and_who_hangs(tmp_path: Path) -> None:
    report = await _preflight(tmp_path, livekit=_down, redis=_hangs).report()
    told = {name: error and error.message for name, error in report.items()}
    assert told == {"redis": "redis does not answer.", "minio": None, "livekit": "it is down", "egress": None}


async def test_a_recording_is_not_begun_while_a_part_hangs(tmp_path: Path) -> None:
    for name in ("redis", "minio", "livekit"):
        with pytest.raises(PartUnavailable) as caught:
            await _preflight(tmp_path, **{name: _hangs}).check()
        assert caught.value.part == name


async def test_what_explains_the_others_is_named(tmp_path: Path) -> None:
    """LiveKit answers nothing without Redis, and knows of workers through it."""

    async def cause(*hanging: str) -> str | None:
        failure = await _preflight(tmp_path, **dict.fromkeys(hanging, _hangs)).cause()
        return failure and str(failure.details["part"])

    assert await cause("redis", "livekit", "egress") == "redis"
    assert await cause("livekit", "egress") == "livekit"
    assert await cause("egress") == "egress"
    assert await cause("minio") is None
    with pytest.raises(PartUnavailable) as caught:
        await _preflight(tmp_path, redis=_hangs, livekit=_down, minio=_hangs).check()
    assert caught.value.part == "redis"


async def test_no_space_for_the_database_is_told_before_all_else(tmp_path: Path) -> None:
    disks = Disks((tmp_path,), tmp_path / "not made yet", begin_bytes=2**62, end_bytes=2**62)
    assert Preflight({}, disks).disk_failure() is None
    assert not Preflight({}, disks).has_ended_recordings()
    full = Preflight({}, replace(disks, spool=tmp_path))
    assert full.has_ended_recordings()
    assert full.disk_failure() is not None


async def test_too_little_space_is_told(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        await _preflight(tmp_path, min_free_bytes=2**62).check()


async def test_workers_that_stay_silent_are_noticed_and_others_waited_for(tmp_path: Path) -> None:
    async with asyncio.timeout(5):
        await _preflight(tmp_path, egress=_hangs).until_no_worker()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await _preflight(tmp_path).until_no_worker()
