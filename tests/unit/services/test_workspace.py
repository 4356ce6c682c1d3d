import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from rtcstack.domain.job import Job, JobKind
from rtcstack.services.workspace import Workspace

_JOB = Job("job_1", JobKind.CLIP, "rec_1", 1, 0, fence=2)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_job_has_an_empty_folder_that_is_gone_afterwards(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "tmp")
    with pytest.raises(KeyError):
        async with workspace.folder(_JOB) as folder:
            (folder / "clip.mp4").write_bytes(b"x")
            assert _names(folder) == ["clip.mp4"]
            raise KeyError
    assert _names(tmp_path / "tmp") == []


async def test_what_a_killed_process_left_goes_with_the_next_claim_of_the_job(tmp_path: Path) -> None:
    left = tmp_path / "job_1-1"
    other = tmp_path / "job_2-1"
    for folder in (left, other):
        folder.mkdir()
        (folder / "clip.mp4").write_bytes(b"x")
    async with Workspace(tmp_path).folder(_JOB) as folder:
        assert _names(tmp_path) == ["job_1-2", "job_2-1"]
        assert _names(folder) == []


async def test_what_nobody_touched_for_a_day_goes(tmp_path: Path) -> None:
    stale = tmp_path / "job_0-1"
    stale.mkdir()
    yesterday = time.time() - 90_000
    os.utime(stale, (yesterday, yesterday))
    async with Workspace(tmp_path).folder(replace(_JOB, id="job_3")):
        assert not stale.exists()
