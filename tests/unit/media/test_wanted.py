"""What a range of time needs of a file, on files that the recorder's encoder made."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.egress.container.index import build_index, pack_index
from rtcstack.errors import PartUnavailable
from rtcstack.media.opening import Recording, opened
from rtcstack.media.order import Source
from rtcstack.media.packets import packets
from rtcstack.media.wanted import find_wanted, merged
from tests.support.numbered import record
from tests.support.range_server import serving


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("media") / "part-1.mp4", 9.0)


@pytest.fixture
def recording(file: Path) -> Iterator[Recording]:
    with opened(Source(None, None, (file,))) as found:
        yield found


def test_it_begins_at_the_keyframe_before_and_ends_with_the_last_sample(
    file: Path, recording: Recording
) -> None:
    wanted = find_wanted(recording.pieces[0], Fraction("3.7"), Fraction("5.1"))
    assert wanted is not None
    assert wanted.keyframe_ts == 2 * 15_360
    assert wanted.last_ts[0] == 152 * 512
    keyframes = build_index(file, ()).keyframes
    (asked,) = wanted.ranges
    # Sound lies up to a third of a second behind its pictures in the file, its pre-roll before them.
    assert asked.begin <= keyframes[1].offset
    assert asked.end <= keyframes[3].offset
    assert asked.end - asked.begin <= 1.1 * (keyframes[3].offset - keyframes[1].offset)


def test_the_packets_are_those_and_no_others(recording: Recording) -> None:
    got = list(packets(recording.pieces[0], Fraction("4"), Fraction("5")))
    pictures = [p.pts // 512 for p in got if p.stream_index == 0 and p.pts is not None]
    sounds = [p.pts / 48_000 for p in got if p.stream_index == 1 and p.pts is not None]
    assert pictures == list(range(120, 150))
    assert 4 - 5 * 1024 / 48_000 < sounds[0] < 4 - 2 * 1024 / 48_000  # a whole packet of pre-roll
    assert sounds == sorted(set(sounds))
    assert 5 <= sounds[-1] + 1024 / 48_000 < 5.06


@pytest.mark.parametrize(
    ("begin", "end"), [("0", "9"), ("0", "0.01"), ("4", "5"), ("3.99", "6.5"), ("8.98", "9")]
)
def test_of_an_object_only_what_is_planned_is_fetched(file: Path, begin: str, end: str) -> None:
    sidecar = pack_index(build_index(file, ()))
    with serving(file.read_bytes()) as server, serving(sidecar) as beside:
        source = Source(server.url, beside.url, (), allow_loopback=True)
        with opened(source) as found:
            (probed,) = server.asked
            piece = found.pieces[0]
            wanted = find_wanted(piece, Fraction(begin), Fraction(end))
            got = list(packets(piece, Fraction(begin), Fraction(end)))
            assert found.bytes_read == len(sidecar) + sum(b - a for a, b in server.asked)
    assert got
    assert wanted
    first, *_ = build_index(file, ()).keyframes
    assert probed == (first.offset, first.offset + first.size)
    planned = sum(end - begin for begin, end in wanted.ranges)
    # libav reads half its buffer before a place that it steps back to, and through gaps that are no larger.
    assert sum(end - begin for begin, end in server.asked[1:]) <= planned + 32 * 1024


def test_at_the_very_beginning_and_end_it_is_all_there_is(recording: Recording) -> None:
    got = list(packets(recording.pieces[0], Fraction(0), Fraction(99)))
    assert sum(1 for p in got if p.stream_index == 0) == 270


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**5)), max_size=30))
def test_merged_ranges_hold_every_sample_in_order_and_apart(places: list[tuple[int, int]]) -> None:
    ranges = merged(places)
    assert all(a.end < b.begin for a, b in pairwise(ranges))
    assert all(any(r.begin <= at and at + size <= r.end for r in ranges) for at, size in places)


def test_parts_follow_each_other_in_time_also_while_the_last_one_grows(tmp_path: Path) -> None:
    parts = (
        record(tmp_path / "part-1.mp4", 3.0),
        record(tmp_path / "part-2.mp4", 3.3, killed=True, first=500),
    )
    with opened(Source(None, None, parts)) as found:
        first, second = found.pieces
        assert second.begin_s == first.end_s == pytest.approx(3.0, abs=0.02)
        assert found.end_s == pytest.approx(6.0, abs=0.04)  # of the growing one the last whole fragment


def test_parts_without_media_or_gone_are_nothing_to_read_from_yet(tmp_path: Path) -> None:
    (tmp_path / "part-1.mp4").write_bytes(b"\0\0\0\x08free")
    for name in ("part-1.mp4", "part-2.mp4"):
        with pytest.raises(PartUnavailable), opened(Source(None, None, (tmp_path / name,))):
            pass
