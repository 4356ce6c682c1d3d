import asyncio
from pathlib import Path

import pytest

from rtcstack.errors import DiskFull, PartUnavailable
from rtcstack.services.preflight import Preflight

_PARTS = ("redis", "minio", "livekit", "egress")


async def _well() -> None:
    return


async def _hangs() -> None:
    await asyncio.sleep(3600)


async def _down() -> None:
    raise PartUnavailable("it is down", part="livekit")


def _preflight(folder: Path, *, min_free_bytes: int = 0, **probes: object) -> Preflight:
    return Preflight({**dict.fromkeys(_PARTS, _well), **probes}, folder, min_free_bytes, probe_timeout_s=0.05)  # type: ignore[dict-item]  # probes by keyword


async def test_the_report_names_who_is_down_and_who_hangs(tmp_path: Path) -> None:
    report = await _preflight(tmp_path, livekit=_down, redis=_hangs).report()
    told = {name: error and error.message for name, error in report.items()}
    assert told == {"redis": "redis does not answer.", "minio": None, "livekit": "it is down", "egress": None}


async def test_a_recording_is_not_begun_while_redis_or_the_store_hangs(tmp_path: Path) -> None:
    for name in ("redis", "minio"):
        with pytest.raises(PartUnavailable) as caught:
            await _preflight(tmp_path, **{name: _hangs}).check()
        assert caught.value.part == name


async def test_too_little_space_is_told(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        await _preflight(tmp_path, min_free_bytes=2**62).check()


async def test_workers_that_stay_silent_are_noticed_and_others_waited_for(tmp_path: Path) -> None:
    await asyncio.wait_for(_preflight(tmp_path, egress=_hangs).until_no_worker(), 5)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_preflight(tmp_path).until_no_worker(), 0.2)
