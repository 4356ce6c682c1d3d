"""What is said of segments and images before all is known of them."""

import os
import shutil
from pathlib import Path

import msgspec

from rtcstack.egress.dispatcher.side_survey import SideSurvey
from rtcstack.egress.job import Encoding, RecordingJob, Span, spans_path
from rtcstack.egress.ledger import Image, Segment
from rtcstack.egress.outputs import Outputs, SegmentsOutput
from rtcstack.egress.recorder.files import open_files
from rtcstack.egress.spool import Order, SpoolFolder
from tests.support.numbered import RATE_HZ, SMALL, picture, sound

_ORDER = Order("EG_1", "RM_1", "room", "a.mp4", 1, Encoding(), "grid", has_audio=True, has_video=True)
_FIRST = Image(0, 1, 1, 500, 10)
_HOUR_S = 3600


def test_an_image_is_named_once_it_is_known_when_its_part_began(tmp_path: Path) -> None:
    folder, part = SpoolFolder(tmp_path), tmp_path / "part-1.mp4"
    survey = SideSurvey(_ORDER, folder)
    part.touch()
    _written(folder)
    assert not survey.may_be_named(_FIRST)
    spans_path(part).write_bytes(msgspec.json.encode([Span(7_000_000_000, 0)]))
    assert survey.may_be_named(_FIRST)
    assert survey.wall_ns(_FIRST) == 7_500_000_000


def _written(folder: SpoolFolder) -> Path:
    file = folder.ledger.file(_FIRST)
    file.parent.mkdir()
    file.touch()
    return file


def test_it_is_not_waited_for_all_the_time(tmp_path: Path) -> None:
    folder = SpoolFolder(tmp_path)
    (tmp_path / "part-1.mp4").touch()
    file, survey = _written(folder), SideSurvey(_ORDER, folder)
    assert not survey.may_be_named(_FIRST)
    os.utime(file, (0, 0))
    assert survey.may_be_named(_FIRST)


def test_what_a_dead_recorder_never_noted_is_not_waited_for(tmp_path: Path) -> None:
    survey = SideSurvey(_ORDER, SpoolFolder(tmp_path))
    for number in (1, 2):
        (tmp_path / f"part-{number}.mp4").touch()
    assert survey.may_be_named(_FIRST)
    assert survey.wall_ns(_FIRST) == 0


def test_what_has_been_read_is_not_read_again(tmp_path: Path) -> None:
    folder = SpoolFolder(tmp_path)
    survey, ledger = SideSurvey(_ORDER, folder), folder.ledger
    ledger.make()
    ledger.append(_FIRST)
    (first,) = survey.entries()
    ledger.append(Segment(1, 0, 0, 1000, 188))
    survey.mend(is_over=True)
    ledger.append(Segment(1, 1, 1000, 1000, 188))
    again, *others = survey.entries()
    assert again is first
    assert others == [Segment(1, 0, 0, 1000, 188), Segment(1, 1, 1000, 1000, 188)]


def test_a_torn_segment_has_its_place_also_when_the_part_has_run_for_longer_than_time_stamps_count(
    tmp_path: Path,
) -> None:
    job = RecordingJob(
        "EG_1",
        "room",
        "",
        "",
        "",
        tmp_path / "recorder",
        encoding=SMALL,
        outputs=Outputs("none", SegmentsOutput("", "l.m3u8", "s", duration_s=2)),
    )
    job.folder.mkdir()
    writer, fps, begin_s = open_files(job, SpoolFolder(job.folder).ledger), SMALL.framerate, 27 * _HOUR_S
    for tick in range(3 * fps):
        writer.write_picture(picture(tick, SMALL), begin_s * fps + tick)
        at = begin_s * RATE_HZ + tick * RATE_HZ // fps
        writer.write_sound(sound(at, RATE_HZ // fps), at)
    folder = SpoolFolder(tmp_path / "left")
    shutil.copytree(job.folder, folder.path)  # as it would lie there if the recorder died now
    writer.close()
    survey = SideSurvey(_ORDER, folder)
    survey.mend(is_over=True)
    whole, torn = (entry for entry in survey.entries() if isinstance(entry, Segment))
    assert (whole.begin_ms, whole.duration_ms) == (begin_s * 1000, 2000)
    assert (torn.index, torn.begin_ms) == (1, (begin_s + 2) * 1000)
    assert 0 < torn.duration_ms < 1100
