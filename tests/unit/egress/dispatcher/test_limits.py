import os
from pathlib import Path

import msgspec

from rtcstack.egress.dispatcher.limits import within
from rtcstack.egress.job import RecordingJob, Span, spans_path
from rtcstack.egress.ledger import Ledger, Segment
from rtcstack.egress.outputs import Outputs

_S = 1_000_000_000


def _part(folder: Path, number: int, size_bytes: int, duration_s: int) -> Path:
    part = folder / f"part-{number}.mp4"
    part.write_bytes(bytes(size_bytes))
    spans_path(part).write_bytes(msgspec.json.encode((Span(1_000 * _S, 0),)))
    os.utime(part, ns=(0, (1_000 + duration_s) * _S))
    return part


def _job(folder: Path, **limits: int) -> RecordingJob:
    return RecordingJob("EG_1", "room", "", "", "", folder, **limits)


def test_a_later_part_has_what_the_ones_before_left(tmp_path: Path) -> None:
    parts = (_part(tmp_path, 1, 4000, 10), _part(tmp_path, 2, 1000, 5))
    job = within(_job(tmp_path, max_duration_ms=60_000, max_bytes=9000), parts)
    assert (job.max_duration_ms, job.max_bytes) == (45_000, 4000)


def test_of_a_limit_that_is_reached_the_least_is_left_and_of_none_none(tmp_path: Path) -> None:
    parts = (_part(tmp_path, 1, 4000, 10),)
    assert within(_job(tmp_path, max_duration_ms=5_000), parts).max_duration_ms == 1
    assert within(_job(tmp_path), parts) == _job(tmp_path)
    assert within(_job(tmp_path, max_bytes=1), ()).max_bytes == 1


def test_the_pause_in_which_a_recorder_ended_is_not_in_its_part(tmp_path: Path) -> None:
    parts = (_part(tmp_path, 1, 4000, 40), _part(tmp_path, 2, 4000, 10))
    earlier, one, unended = (500, 900), (1_010, 1_015), (1_030, None)
    pauses = [(since * _S, until and until * _S) for since, until in (earlier, one, unended)]
    job = within(_job(tmp_path, max_duration_ms=60_000), parts, pauses)
    assert job.max_duration_ms == 60_000 - (30 - 5) * 1000 - 10_000


def test_without_a_file_it_is_the_segments_that_have_used_it_up(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for index in range(3):
        ledger.append(Segment(1, index, 2000 * index, 2000, size_bytes=1000))
    assert ledger.added_bytes == 3000
    parts = (_part(tmp_path, 1, 0, 6),)
    job = _job(tmp_path, max_duration_ms=60_000, max_bytes=9000)
    job = within(msgspec.structs.replace(job, outputs=Outputs("none")), parts)
    assert (job.max_duration_ms, job.max_bytes) == (54_000, 6000)


def test_a_part_whose_times_were_spoilt_counts_for_nothing(tmp_path: Path) -> None:
    part = _part(tmp_path, 1, 4000, 10)
    spans_path(part).write_bytes(b"[{")
    assert within(_job(tmp_path, max_duration_ms=60_000), (part,)).max_duration_ms == 60_000
