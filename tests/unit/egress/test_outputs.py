from rtcstack.egress.outputs import ImagesOutput, Outputs, SegmentsOutput

_NS = 1_700_000_000_123_456_789  # 2023-11-14T22:13:20.123Z


def test_files_that_come_one_after_the_other_are_counted_or_stamped() -> None:
    segments = SegmentsOutput("a/", "l.m3u8", "b/s", "now.m3u8")
    assert (segments.playlist_key, segments.live_playlist_key) == ("a/l.m3u8", "a/now.m3u8")
    assert segments.name(7, _NS) == "b/s_00007.ts"
    assert SegmentsOutput("", "l.m3u8", "s", suffix="timestamp").name(7, _NS) == "s_20231114221320123.ts"
    assert SegmentsOutput("", "l.m3u8", "s").live_playlist_key == ""
    assert ImagesOutput("a/i").key(7, _NS) == "a/i_00007.jpeg"
    assert ImagesOutput("a/i", suffix="timestamp").key(7, _NS) == "a/i_20231114221320123.jpeg"
    assert ImagesOutput("a/i", suffix="none").key(7, _NS) == "a/i.jpeg"


def test_files_whose_time_is_not_known_are_counted() -> None:
    assert SegmentsOutput("", "l.m3u8", "s", suffix="timestamp").name(7, 0) == "s_00007.ts"
    assert ImagesOutput("a/i", suffix="timestamp").key(7, 0) == "a/i_00007.jpeg"


def test_sound_is_only_for_those_that_hold_it() -> None:
    assert Outputs().has_sound
    assert not Outputs(file="none", images=(ImagesOutput("i"),)).has_sound
    assert Outputs(file="none", segments=SegmentsOutput("", "l.m3u8", "s")).has_sound
