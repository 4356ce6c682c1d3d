"""What a recording lacks is on its page, and marked in lists."""

from html import unescape

import pytest

from rtcstack.dashboard.lacks import lack_mark
from rtcstack.domain import notes
from rtcstack.domain.loss import Gap
from rtcstack.domain.recording import RecordingState
from tests.unit.dashboard.rendering import facts, recording, shelf

_INCOMPLETE, _FEWER = ("Incomplete", "wait"), ("Fewer pictures", "calm")


def test_a_whole_recording_is_said_nothing_of() -> None:
    assert 'class="lack"' not in facts(recording())
    assert lack_mark(recording()) is None


def test_a_failure_is_told_with_what_it_cost_and_where() -> None:
    gaps = (Gap(12_300, 1400), Gap(65_000, 900))
    told = facts(recording(recovered=True, gaps=gaps))
    assert "It was recovered, but 2.3 s of what happened are missing: 1.4 s at 0:12.3, 0.9 s at 1:05." in told
    assert lack_mark(recording(recovered=True, gaps=gaps)) == _INCOMPLETE
    many = facts(recording(recovered=True, gaps=gaps * 4))
    assert "and at 3 more places." in many
    harmless = recording(recovered=True)
    assert "It was recovered, and as far as is known nothing of it is missing." in facts(harmless)
    assert lack_mark(harmless) is None


@pytest.mark.parametrize(
    ("note", "mark"),
    [
        (notes.DISK_FULL, _INCOMPLETE),
        (notes.CONNECTION_LOST, _INCOMPLETE),
        (notes.cut_off(1200, 1_713_693_600_000_000_000), _INCOMPLETE),
        (notes.sound_missing(800), _INCOMPLETE),
        (notes.fewer_pictures(9000, 10), _FEWER),
    ],
)
def test_a_note_is_told_as_a_sentence_and_marked_by_what_it_means(note: str, mark: tuple[str, str]) -> None:
    one = recording(notes=notes.read_notes(note))
    assert f'<p class="lack">{note[0].upper()}{note[1:]}.</p>' in facts(one)
    assert lack_mark(one) == mark


def test_fewer_pictures_beside_something_that_is_missing_are_the_lesser_thing() -> None:
    told = (notes.fewer_pictures(9000, 10), notes.sound_missing(800))
    assert lack_mark(recording(notes=told)) == _INCOMPLETE
    assert lack_mark(recording(notes=told[:1], recovered=True, gaps=(Gap(0, 900),))) == _INCOMPLETE


def test_a_file_that_the_store_does_not_take_is_told_with_its_words() -> None:
    one = recording(RecordingState.PROCESSING, upload_waits="<SlowDown>: try later")
    assert "What the store says: <SlowDown>: try later</p>" in unescape(facts(one))
    assert "<SlowDown>" not in facts(one)
    assert lack_mark(one) == ("Upload waits", "wait")


def test_lists_mark_what_is_incomplete_and_hint_at_what_has_fewer_pictures() -> None:
    incomplete, fewer = (
        '<span class="badge wait">Incomplete</span>',
        '<span class="badge calm">Fewer pictures</span>',
    )
    for note, marks in ((None, (0, 0)), (notes.DISK_FULL, (1, 0)), (notes.fewer_pictures(9000, 10), (0, 1))):
        shown = shelf(recording(notes=[note] if note else []))
        assert (shown.count(incomplete), shown.count(fewer)) == marks
