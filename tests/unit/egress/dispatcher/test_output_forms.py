from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import egress as pb

from rtcstack.egress.dispatcher.file_form import Media
from rtcstack.egress.dispatcher.filepath import names_of
from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.dispatcher.output_forms import Made, Wanted, read_outputs
from rtcstack.egress.outputs import ImagesOutput, SegmentsOutput
from rtcstack.errors import Invalid

_NOW_NS = 1_700_000_000_000_000_000  # 2023-11-14T22:13:20Z
_BOTH = Media(has_audio=True, has_video=True, audio_codec=None)
_SOUND = Media(has_audio=True, has_video=False, audio_codec=None)
_OGG, _MP4 = pb.EncodedFileType.OGG, pb.EncodedFileType.MP4


def _read(wanted: Wanted, media: Media = _BOTH) -> Made:
    return read_outputs(wanted, names_of(room_name="stage", room_id="RM_1", now_ns=_NOW_NS), media)


def _file(media: Media = _BOTH, **fields: Any) -> Made:
    return _read(Wanted(files=(pb.EncodedFileOutput(**fields),)), media)


def _segments(**fields: Any) -> SegmentsOutput:
    made = _read(Wanted(segments=(pb.SegmentedFileOutput(**fields),))).outputs.segments
    assert made is not None
    return made


def _images(**fields: Any) -> ImagesOutput:
    return _read(Wanted(images=(pb.ImageOutput(**fields),))).outputs.images[0]


@pytest.mark.parametrize(
    ("media", "fields", "form", "key"),
    [
        (_BOTH, {"filepath": "a/b"}, "mp4", "a/b.mp4"),
        (_BOTH, {"filepath": "a.mp4", "file_type": _MP4}, "mp4", "a.mp4"),
        (_BOTH, {"filepath": "a/"}, "mp4", "a/stage-2023-11-14T221320.mp4"),
        (_SOUND, {"filepath": "a"}, "ogg", "a.ogg"),
        (_SOUND, {}, "ogg", "stage-2023-11-14T221320.ogg"),
        (_SOUND, {"filepath": "a.mp4"}, "mp4", "a.mp4"),
        (_SOUND, {"filepath": "a", "file_type": _MP4}, "mp4", "a.mp4"),
        (_SOUND, {"filepath": "a.b", "file_type": _OGG}, "ogg", "a.b.ogg"),
        (Media(has_audio=True, has_video=False, audio_codec="aac"), {"filepath": "a"}, "mp4", "a.mp4"),
    ],
)
def test_what_is_in_a_file_and_its_name_decide_its_kind(
    media: Media, fields: dict[str, Any], form: str, key: str
) -> None:
    made = _file(media, **fields)
    assert (made.outputs.file, made.object_key) == (form, key)
    assert made.audio_codec == ("opus" if form == "ogg" else "aac")
    assert made.outputs.manifest_key == f"{key.rpartition('.')[0]}.json"


def test_opus_goes_into_an_mp4_when_it_is_asked_for() -> None:
    made = _file(Media(has_audio=True, has_video=True, audio_codec="opus"), filepath="a.mp4")
    assert (made.outputs.file, made.audio_codec) == ("mp4", "opus")


@pytest.mark.parametrize(
    ("fields", "made"),
    [
        ({}, SegmentsOutput("", "stage-2023-11-14T221320.m3u8", "stage-2023-11-14T221320")),
        ({"filename_prefix": "a/b"}, SegmentsOutput("a/", "b.m3u8", "b")),
        (
            {"filename_prefix": "a/"},
            SegmentsOutput("a/", "stage-2023-11-14T221320.m3u8", "stage-2023-11-14T221320"),
        ),
        ({"playlist_name": "a/l.m3u8", "filename_prefix": "a/b"}, SegmentsOutput("a/", "l.m3u8", "b")),
        ({"playlist_name": "a/l", "filename_prefix": "a/b/c"}, SegmentsOutput("a/", "l.m3u8", "b/c")),
        ({"playlist_name": "a/l", "filename_prefix": "c"}, SegmentsOutput("a/", "l.m3u8", "c")),
        ({"playlist_name": "l", "live_playlist_name": "now"}, SegmentsOutput("", "l.m3u8", "l", "now.m3u8")),
        ({"playlist_name": "l", "segment_duration": 6}, SegmentsOutput("", "l.m3u8", "l", duration_s=6)),
        (
            {"playlist_name": "{room_name}", "filename_suffix": 1, "protocol": 1},
            SegmentsOutput("", "stage.m3u8", "stage", suffix="timestamp"),
        ),
    ],
)
def test_segments_lie_with_their_playlist(fields: dict[str, Any], made: SegmentsOutput) -> None:
    assert _segments(**fields) == made


def test_images() -> None:
    assert _images() == ImagesOutput("stage-2023-11-14T221320")
    assert _images(filename_prefix="a/b", capture_interval=3, width=160, filename_suffix=2) == ImagesOutput(
        "a/b", 3, 160, suffix="none"
    )


def test_the_manifest_stands_beside_the_first_output_that_wants_one() -> None:
    file = pb.EncodedFileOutput(filepath="a.mp4", disable_manifest=True)
    segments = pb.SegmentedFileOutput(playlist_name="hls/l.m3u8")
    images = pb.ImageOutput(filename_prefix="i", disable_manifest=True)
    assert _read(Wanted((file,), (segments,), (images,))).outputs.manifest_key == "hls/l.json"
    assert _read(Wanted((file,), (), (images,))).outputs.manifest_key == ""


@pytest.mark.parametrize(
    ("wanted", "media", "named"),
    [
        (Wanted(), _BOTH, "output is missing"),
        (Wanted(segments=(pb.SegmentedFileOutput(),) * 2), _BOTH, "one each"),
        (Wanted((pb.EncodedFileOutput(filepath="a.ogg"),)), _BOTH, "OGG holds sound only"),
        (Wanted((pb.EncodedFileOutput(filepath="a.mp4", file_type=_OGG),)), _SOUND, "ends with .mp4"),
        (Wanted((pb.EncodedFileOutput(filepath="a.ogg", file_type=_MP4),)), _SOUND, "ends with .ogg"),
        (Wanted((pb.EncodedFileOutput(filepath="a", file_type=9),)), _BOTH, "file_type: 9"),
        (Wanted((pb.EncodedFileOutput(filepath="../a"),)), _BOTH, "filepath: '..'"),
        (Wanted((pb.EncodedFileOutput(filepath="/a"),)), _BOTH, "filepath: it has to be relative"),
        (Wanted((pb.EncodedFileOutput(),), (pb.SegmentedFileOutput(),)), _SOUND, "segments hold AAC"),
        (Wanted(images=(pb.ImageOutput(),)), _SOUND, "no picture"),
        (Wanted(images=(pb.ImageOutput(),) * 2), _BOTH, "prefix of its own"),
        (Wanted(images=(pb.ImageOutput(capture_interval=100_000),)), _BOTH, "capture_interval: 100000"),
        (Wanted(images=(pb.ImageOutput(width=-1),)), _BOTH, "image_outputs.width: -1"),
        (Wanted(images=(pb.ImageOutput(height=20_000),)), _BOTH, "image_outputs.height: 20000"),
        (Wanted(images=(pb.ImageOutput(image_codec=7),)), _BOTH, "image_codec: 7"),
        (Wanted(images=(pb.ImageOutput(filename_suffix=7),)), _BOTH, "filename_suffix: 7"),
        (Wanted(images=(pb.ImageOutput(filename_prefix="a//b"),)), _BOTH, "filename_prefix"),
        (Wanted(segments=(pb.SegmentedFileOutput(segment_duration=61),)), _BOTH, "segment_duration: 61"),
        (Wanted(segments=(pb.SegmentedFileOutput(protocol=7),)), _BOTH, "protocol: 7"),
        (Wanted(segments=(pb.SegmentedFileOutput(filename_suffix=7),)), _BOTH, "filename_suffix: 7"),
        (Wanted(segments=(pb.SegmentedFileOutput(playlist_name="../l"),)), _BOTH, "playlist_name"),
        (Wanted((pb.EncodedFileOutput(filepath="x" * 242),)), _BOTH, "filepath: .*have 256"),
        (Wanted(segments=(pb.SegmentedFileOutput(playlist_name="x" * 251),)), _BOTH, "playlist_name: .*256"),
        (
            Wanted(segments=(pb.SegmentedFileOutput(playlist_name="l", live_playlist_name="x" * 251),)),
            _BOTH,
            "live_playlist_name: .*256",
        ),
        (
            Wanted(segments=(pb.SegmentedFileOutput(playlist_name="l", filename_prefix="x" * 235),)),
            _BOTH,
            "filename_prefix: .*256",
        ),
        (Wanted(images=(pb.ImageOutput(filename_prefix="x" * 233),)), _BOTH, "filename_prefix: .*256"),
        (
            Wanted(images=(pb.ImageOutput(filename_prefix="x" * 251, filename_suffix=2),)),
            _BOTH,
            "filename_prefix: .*256",
        ),
        (
            Wanted(segments=(pb.SegmentedFileOutput(filename_prefix="/a/b"),)),
            _BOTH,
            "playlist_name|filename_prefix",
        ),
        (
            Wanted(segments=(pb.SegmentedFileOutput(playlist_name="a/l", live_playlist_name="b/m"),)),
            _BOTH,
            "same folder",
        ),
        (
            Wanted(segments=(pb.SegmentedFileOutput(playlist_name="l", live_playlist_name="l.m3u8"),)),
            _BOTH,
            "differ",
        ),
    ],
)
def test_what_cannot_be_is_named(wanted: Wanted, media: Media, named: str) -> None:
    with pytest.raises(Invalid, match=named):
        _read(wanted, media)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(has_streams=True),
        Wanted((pb.EncodedFileOutput(filepath="a.webm"),)),
        Wanted((pb.EncodedFileOutput(filepath="a.mp3"),)),
        Wanted((pb.EncodedFileOutput(filepath="a", file_type=pb.EncodedFileType.MP3),)),
    ],
)
def test_what_others_make_is_left_to_them(wanted: Wanted) -> None:
    with pytest.raises(NotOurs):
        _read(wanted)


@pytest.mark.parametrize("suffix", [0, 1])
def test_the_longest_names_there_are(suffix: int) -> None:
    made = _segments(playlist_name="l" * 250, filename_prefix="x" * 234, filename_suffix=suffix)
    assert len(made.playlist_key) == 255
    assert len(made.name(99_999, _NOW_NS)) <= 255
    images = _images(filename_prefix="x" * 232, filename_suffix=suffix)
    assert len(images.key(99_999, _NOW_NS)) <= 255
    assert len(_images(filename_prefix="x" * 250, filename_suffix=2).key(3, _NOW_NS)) == 255


@pytest.mark.parametrize("media", [_BOTH, _SOUND])
def test_a_manifest_has_no_longer_name_than_what_it_lies_beside(media: Media) -> None:
    longest = {"mp4": 241, "ogg": 237}["mp4" if media.has_video else "ogg"]
    made = _file(media, filepath="x" * longest)
    with pytest.raises(Invalid):
        _file(media, filepath="x" * (longest + 1))
    assert len(made.outputs.manifest_key) <= 255
    playlist = Wanted(segments=(pb.SegmentedFileOutput(playlist_name="l" * 250, filename_prefix="x"),))
    assert len(_read(playlist).outputs.manifest_key) == 255


@given(playlist=st.text(max_size=20), live=st.text(max_size=20), prefix=st.text(max_size=20))
def test_whatever_names_are_accepted_stay_where_they_belong(playlist: str, live: str, prefix: str) -> None:
    try:
        made = _segments(playlist_name=playlist, live_playlist_name=live, filename_prefix=prefix)
    except Invalid:
        return
    keys = {made.playlist_key, made.live_playlist_key or "-", made.folder + made.name(3, _NOW_NS)}
    assert len(keys) == 3
    for key in keys:
        assert not key.startswith("/")
        assert not {"", ".", ".."} & set(key.split("/"))
