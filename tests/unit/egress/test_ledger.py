from pathlib import Path

import pytest

from rtcstack.egress.ledger import Image, Ledger, Segment

_SEGMENT = Segment(part=1, index=0, begin_ms=0, duration_ms=2000, size_bytes=188)
_IMAGE = Image(output=1, part=1, index=4, pts_ms=0, size_bytes=9)


def test_lines_are_read_back_but_for_those_that_a_full_disk_tore(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert ledger.read() == []
    ledger.append(_SEGMENT)
    with ledger.path.open("ab") as file:
        file.write(b'{"type":"segm')
    ledger.append(_IMAGE)
    assert ledger.read() == [_SEGMENT, _IMAGE]


def test_it_is_read_on_from_where_it_was_read_to(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert ledger.read_on(0) == ([], 0)
    ledger.append(_SEGMENT)
    found, offset = ledger.read_on(0)
    assert (found, offset) == ([_SEGMENT], ledger.path.stat().st_size)
    assert ledger.read_on(offset) == ([], offset)
    ledger.append(_IMAGE)
    assert ledger.read_on(offset) == ([_IMAGE], ledger.path.stat().st_size)


@pytest.mark.parametrize("lacking", [1, 2, 20])
def test_a_torn_last_line_is_read_once_it_is_complete(tmp_path: Path, lacking: int) -> None:
    """It may be just being written. One that lacks its end of line alone is complete."""
    ledger, offset = Ledger(tmp_path), 0
    ledger.append(_SEGMENT)
    line, found = ledger.path.read_bytes(), []
    for content in (line[:-lacking], line, line + line[:-lacking]):
        ledger.path.write_bytes(content)
        fresh, offset = ledger.read_on(offset)
        found.append(fresh)
    assert found == ([[_SEGMENT], [], [_SEGMENT]] if lacking == 1 else [[], [_SEGMENT], []])
    ledger.append(_IMAGE)
    assert ledger.read_on(offset) == ([_IMAGE], ledger.path.stat().st_size)
    assert ledger.read() == [_SEGMENT, *([_SEGMENT] if lacking == 1 else []), _IMAGE]


def test_numbers_go_on_behind_what_is_listed_or_lies_there(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert (ledger.next_segment(), ledger.next_image(1)) == (0, 0)
    ledger.make()
    ledger.append(_SEGMENT)
    ledger.append(_IMAGE)
    assert (ledger.next_segment(), ledger.next_image(0), ledger.next_image(1)) == (1, 0, 5)
    assert not ledger.has_files(), "what is listed and not there is stored"
    ledger.segment_file(2, 7).write_bytes(b"")
    assert ledger.next_segment() == 8
    assert ledger.segments_there() == [(2, 7)]
    assert ledger.has_files()
