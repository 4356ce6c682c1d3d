import pytest

from rtcstack.egress.dispatcher.playlists import Listed, live_playlist, playlist
from rtcstack.egress.outputs import SegmentsOutput

_OUTPUT = SegmentsOutput("a/", "l.m3u8", "s", duration_s=2)
_NS = 1_700_000_000_000_000_000


def _listed(count: int, parts: str = "") -> list[Listed]:
    parts = parts or "1" * count
    return [Listed(f"s {n}.ts", 2000, _NS + 2_000_000_000 * n, int(parts[n])) for n in range(count)]


def test_a_playlist_while_it_grows_and_when_it_is_over() -> None:
    running = playlist(_OUTPUT, _listed(1), is_ended=False)
    assert running == (
        "#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-ALLOW-CACHE:NO\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:2\n"
        "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.000Z\n#EXTINF:2.000,\ns%200.ts\n"
    )
    ended = playlist(_OUTPUT, _listed(3), is_ended=True)
    assert ended.startswith(running)
    assert ended.endswith("s%202.ts\n#EXT-X-ENDLIST\n")


def test_a_segment_that_became_longer_is_not_longer_than_the_target_says() -> None:
    longer = [Listed("s.ts", 2600, 0, 1)]
    text = playlist(_OUTPUT, longer, is_ended=True)
    assert "#EXT-X-TARGETDURATION:3\n#EXTINF:2.600,\ns.ts\n" in text


def test_another_recorders_segments_are_a_break() -> None:
    text = playlist(_OUTPUT, _listed(3, "112"), is_ended=True)
    before, after = text.split("#EXT-X-DISCONTINUITY\n")
    assert (before.count("EXTINF"), after.count("EXTINF")) == (2, 1)


@pytest.mark.parametrize(
    ("parts", "gone", "shown"), [("1111222", 0, 1), ("1122222", 0, 1), ("1222222", 1, 0), ("1234444", 1, 2)]
)
def test_the_live_playlist_moves_on_and_counts_the_breaks_behind_it(
    parts: str, gone: int, shown: int
) -> None:
    text = live_playlist(_OUTPUT, _listed(7, parts), is_ended=False)
    assert "#EXT-X-MEDIA-SEQUENCE:2\n" in text
    assert (f"#EXT-X-DISCONTINUITY-SEQUENCE:{gone}\n" in text) == bool(gone)
    assert text.count("#EXT-X-DISCONTINUITY\n") == shown
    assert text.count("#EXTINF") == 5
    assert "PLAYLIST-TYPE" not in text
