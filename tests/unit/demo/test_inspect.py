from collections.abc import Callable
from pathlib import Path

import pytest

from rtcstack.demo.inspect import InspectionError, inspect
from rtcstack.demo.verdict import Expected, faults, length_faults, picture_faults, tone_faults
from tests.unit.demo.conftest import PLACES, Film

Shoot = Callable[[Film], Path]
BOTH = [0, 1]
EXPECTED = Expected(participants=BOTH, duration_s=4)


def test_what_was_written_is_what_is_found(shoot: Shoot) -> None:
    file = shoot(Film())
    facts = inspect(file, BOTH)
    assert (facts.width, facts.height, facts.framerate) == (1280, 720, 30)
    assert facts.video is not None
    assert facts.audio is not None
    assert (facts.video.codec, facts.audio.codec) == ("h264", "aac")
    assert facts.duration_s == pytest.approx(4, abs=0.05)
    assert facts.size_bytes == file.stat().st_size
    assert facts.heard[0].share == facts.heard[1].share == 1
    assert faults(facts, EXPECTED) == []


def test_every_picture_is_found_where_it_is(shoot: Shoot) -> None:
    facts = inspect(shoot(Film()), BOTH, every=1)
    for index, (left, top) in PLACES.items():
        seen = facts.seen[index]
        assert seen.tile is not None
        assert (seen.tile.left, seen.tile.top) == pytest.approx((left, top), abs=4)
        assert (seen.tile.width, seen.tile.height) == pytest.approx((640, 360), abs=8)
        assert (seen.share, seen.pictures) == (1, 60)


def test_a_missing_picture_is_detected(shoot: Shoot) -> None:
    found = faults(inspect(shoot(Film(pictures=(0,))), BOTH), EXPECTED)
    assert found == ["The picture of participant 1 is nowhere in the recording."]


def test_a_missing_tone_is_detected(shoot: Shoot) -> None:
    found = faults(inspect(shoot(Film(tones=(1,))), BOTH), EXPECTED)
    assert found == ["The tone of participant 0 (331 Hz) is nowhere in the recording."]


def test_a_picture_that_stands_still_is_detected(shoot: Shoot) -> None:
    found = picture_faults(inspect(shoot(Film(moving=False)), BOTH), EXPECTED)
    assert [text.partition(" stands still")[1] for text in found] == [" stands still"] * 2


def test_a_missing_stream_is_detected(shoot: Shoot) -> None:
    facts = inspect(shoot(Film(has_audio=False)), BOTH)
    assert "The file has no audio stream." in faults(facts, EXPECTED)
    assert len(tone_faults(facts, EXPECTED)) == 2


def test_a_wrong_length_and_size_are_named(shoot: Shoot) -> None:
    facts = inspect(shoot(Film()), BOTH)
    found = length_faults(facts, Expected(participants=BOTH, duration_s=8, size_bytes=facts.size_bytes + 1))
    assert f"The file has {facts.size_bytes} bytes, expected {facts.size_bytes + 1}." in found
    assert "The recording lasts 4.00 s, expected 8.00 s." in found


def test_a_file_that_is_no_recording_says_so(tmp_path: Path) -> None:
    file = tmp_path / "broken.mp4"
    file.write_bytes(b"no recording at all" * 100)
    with pytest.raises(InspectionError, match=r"broken\.mp4 cannot be decoded"):
        inspect(file, BOTH)
