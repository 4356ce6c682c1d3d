"""What is said of segments and images before all is known of them."""

import os
from pathlib import Path

import msgspec

from rtcstack.egress.dispatcher.side_survey import SideSurvey
from rtcstack.egress.job import Encoding, Span, spans_path
from rtcstack.egress.ledger import Image
from rtcstack.egress.spool import Order, SpoolFolder

_ORDER = Order("EG_1", "RM_1", "room", "a.mp4", 1, Encoding(), "grid", has_audio=True, has_video=True)
_FIRST = Image(0, 1, 1, 500, 10)


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
