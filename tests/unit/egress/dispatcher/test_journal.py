from pathlib import Path

from rtcstack.egress.dispatcher.journal import (
    Acknowledged,
    Closed,
    Entry,
    FirstFrame,
    Journal,
    PartSent,
    Recorded,
    Reported,
    StopAsked,
    Stored,
    UploadAsked,
    UploadBegun,
    UploadEnded,
)

_STORY: list[Entry] = [
    Reported(1, b"\x00\xff"),
    Acknowledged(1),
    FirstFrame(10),
    StopAsked("StopEgress API"),
    Recorded(20, "stopped"),
    Stored(5, 1000, "ab", "http://store/b/k", 10, 20, recovered=False),
    Reported(2, b"last"),
    Closed(),
]


async def _write(path: Path, entries: list[Entry]) -> None:
    journal = Journal(path)
    for entry in entries:
        await journal.append(entry)


async def test_entries_come_back_in_order(tmp_path: Path) -> None:
    await _write(tmp_path / "journal", _STORY)
    assert Journal(tmp_path / "journal").read() == _STORY


async def test_the_facts_are_the_latest_of_each_kind(tmp_path: Path) -> None:
    await _write(tmp_path / "journal", [*_STORY, StopAsked("too late")])
    journal = Journal(tmp_path / "journal")
    journal.read()
    facts = journal.facts
    assert facts.info == b"last"
    assert facts.stop_asked == StopAsked("StopEgress API")
    assert (facts.first_frame, facts.recorded) == (FirstFrame(10), Recorded(20, "stopped"))
    assert facts.is_closed


async def test_a_torn_line_is_dropped_and_harms_no_later_one(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    await _write(path, _STORY[:3])
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        await _write(path, [Closed()])
        entries = Journal(path).read()
        assert entries[-1] == Closed()
        assert entries[:-1] == _STORY[: len(entries) - 1]


def test_no_journal_is_an_empty_one(tmp_path: Path) -> None:
    assert Journal(tmp_path / "journal").read() == []


async def test_a_disk_that_takes_nothing_leaves_the_facts(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "missing" / "journal")
    await journal.append(FirstFrame(10))
    assert journal.facts.first_frame == FirstFrame(10)


async def test_an_upload_is_known_until_it_has_ended(tmp_path: Path) -> None:
    path, begun = tmp_path / "journal", UploadBegun("id", "http://store/b/k", 8)
    parts = [PartSent(2, "b", "b", "bb"), PartSent(1, "a", "a", "aa"), PartSent(2, "c", "c", "cc")]
    await _write(path, [UploadAsked(), begun, *parts])
    journal = Journal(path)
    journal.read()
    facts = journal.facts
    assert (facts.uploads_asked, facts.upload) == (1, begun)
    assert facts.parts_sent == {1: parts[1], 2: parts[2]}
    await journal.append(UploadEnded())
    assert (facts.uploads_asked, facts.upload, facts.parts_sent) == (0, None, {})
