from typing import Any

import pytest
from livekit.protocol import egress as pb
from livekit.protocol import models

from rtcstack.adapters.psrpc.messages import StartEgressRequest
from rtcstack.egress.dispatcher import requests
from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.source import Audio, Source, Video
from rtcstack.errors import Invalid
from rtcstack.settings import Storage

_FILE = pb.EncodedFileOutput(filepath="room/a.mp4")


def _parse(request: Any) -> requests.Parsed:
    return requests.parse(request, storage=Storage(), now_ns=5)


def _composite(**fields: Any) -> Any:
    composite = pb.RoomCompositeEgressRequest(**{"room_name": "room", "file_outputs": [_FILE], **fields})
    return StartEgressRequest(egress_id="EG_1", room_id="RM_1", room_composite=composite)


def _newer(**fields: Any) -> Any:
    output = pb.Output(file=pb.FileOutput(filepath="room/a.mp4"))
    whole = {"room_name": "room", "template": pb.TemplateSource(), "outputs": [output], **fields}
    return StartEgressRequest(egress_id="EG_1", room_id="RM_1", egress=pb.StartEgressRequest(**whole))


def _file(**fields: Any) -> Any:
    return _composite(file_outputs=[pb.EncodedFileOutput(filepath="room/a.mp4", **fields)])


def _participant(**fields: Any) -> Any:
    whole = {"room_name": "room", "identity": "ann/1", "file_outputs": [_FILE], **fields}
    return StartEgressRequest(egress_id="EG_1", participant=pb.ParticipantEgressRequest(**whole))


def _tracks(**fields: Any) -> Any:
    composite = pb.TrackCompositeEgressRequest(room_name="room", **fields)
    return StartEgressRequest(egress_id="EG_1", track_composite=composite)


def _track(**fields: Any) -> Any:
    track = pb.TrackEgressRequest(**{"room_name": "room", "track_id": "TR_1", **fields})
    return StartEgressRequest(egress_id="EG_1", track=track)


def _media(**fields: Any) -> Any:
    outputs = {"outputs": fields.pop("outputs")} if "outputs" in fields else {}
    return _newer(template=None, media=pb.MediaSource(**fields), **outputs)


def test_all_forms_of_a_room_composite_mean_the_same() -> None:
    order = _parse(_composite()).order
    assert (order.egress_id, order.room_id, order.room_name) == ("EG_1", "RM_1", "room")
    assert (order.object_key, order.layout, order.has_audio, order.has_video) == (
        "room/a.mp4",
        "grid",
        True,
        True,
    )
    assert _parse(_composite(file_outputs=[], file=_FILE)).order == order
    assert _parse(_newer()).order == order


def test_a_participant_is_recorded_with_camera_and_microphone_or_screen_and_its_sound() -> None:
    order = _parse(_participant(file_outputs=[pb.EncodedFileOutput()])).order
    assert order.source == Source(Video(identity="ann/1"), Audio(identities=("ann/1",)))
    assert order.object_key == "room-ann-1-1970-01-01T000000.mp4"
    screen = _parse(_participant(screen_share=True)).order.source
    assert screen == Source(
        Video(identity="ann/1", show="screen"), Audio(identities=("ann/1",), of_screens=True)
    )


_ANN = {"participant_video": pb.ParticipantVideo(identity="ann/1")}
_OF_ALL = {"audio": pb.AudioConfig(capture_all=True)}
_OF_BOB = {"audio": pb.AudioConfig(routes=[pb.AudioRoute(participant_identity="bob")])}
_OF_TRACK = {"audio": pb.AudioConfig(routes=[pb.AudioRoute(track_id="TR_A")])}


@pytest.mark.parametrize(
    ("name", "media"),
    [
        ("room-ann-1-{}.mp4", (_ANN, _ANN | _OF_ALL, _ANN | _OF_BOB, _ANN | _OF_TRACK)),
        ("room-bob-{}.ogg", (_OF_BOB,)),
        ("TR_V-{}.mp4", ({"video_track_id": "TR_V"},)),
        ("TR_A-{}.ogg", (_OF_TRACK,)),
        ("room-{}.mp4", ({"video_track_id": "TR_V"} | _OF_BOB, {"video_track_id": "TR_V"} | _OF_ALL)),
        ("room-{}.ogg", (_OF_ALL,)),
    ],
)
def test_media_are_called_after_the_one_they_are_about(name: str, media: tuple[dict[str, Any], ...]) -> None:
    for fields in media:
        order = _parse(_media(**fields, outputs=[pb.Output(file=pb.FileOutput(filepath="day/"))])).order
        assert order.object_key == "day/" + name.format("1970-01-01T000000")


def test_tracks_are_recorded_together_or_alone() -> None:
    both = _parse(_tracks(video_track_id="TR_V", audio_track_id="TR_A", file=_FILE)).order
    assert both.source == Source(Video(track_id="TR_V"), Audio(track_ids=("TR_A",)))
    assert (both.has_audio, both.has_video) == (True, True)
    sound = _parse(_tracks(audio_track_id="TR_A", file_outputs=[_FILE])).order
    assert (sound.has_audio, sound.has_video) == (True, False)
    alone = _parse(_track(file=pb.DirectFileOutput(filepath="{track_id}/"))).order
    assert alone.source == Source(track_id="TR_1")
    assert alone.object_key == "TR_1/TR_1-1970-01-01T000000.mp4"


def test_files_are_named_after_what_is_recorded() -> None:
    named = pb.Output(file=pb.FileOutput(filepath="{publisher_identity}"))
    media = _media(participant_video=pb.ParticipantVideo(identity="ann"), outputs=[named])
    assert _parse(media).order.object_key == "ann.mp4"
    known = {"track_type": "audio", "track_source": "microphone", "publisher_identity": "ann"}
    track = _track(file=pb.DirectFileOutput(filepath="{publisher_identity}-{track_source}"))
    order = requests.parse(track, storage=Storage(), now_ns=5, track=known).order
    assert (order.object_key, order.outputs.file, order.has_video) == ("ann-microphone.ogg", "ogg", False)
    with pytest.raises(Invalid, match="does not have the track now"):
        _parse(track)
    with pytest.raises(Invalid, match="OGG holds sound only"):
        picture = _track(file=pb.DirectFileOutput(filepath="a.ogg"))
        requests.parse(picture, storage=Storage(), now_ns=5, track={"track_type": "video"})


def test_the_newer_form_names_media() -> None:
    routes = [pb.AudioRoute(track_id="TR_A"), pb.AudioRoute(participant_identity="bob")]
    order = _parse(
        _media(
            participant_video=pb.ParticipantVideo(identity="ann", prefer_screen_share=True),
            audio=pb.AudioConfig(routes=routes),
        )
    ).order
    assert order.source == Source(
        Video(identity="ann", show="screen_or_camera"), Audio(track_ids=("TR_A",), identities=("bob",))
    )
    everyone = _parse(_media(audio=pb.AudioConfig(capture_all=True))).order
    assert everyone.source == Source(audio=Audio(is_everyones=True))
    assert (everyone.has_audio, everyone.has_video) == (True, False)


def test_a_picture_without_sound() -> None:
    order = _parse(_composite(video_only=True)).order
    assert (order.has_audio, order.has_video) == (False, True)
    assert _parse(_newer(template=pb.TemplateSource(video_only=True))).order == order


def test_options_are_honoured() -> None:
    order = _parse(_composite(layout="speaker", audio_only=True)).order
    assert (order.layout, order.has_audio, order.has_video) == ("speaker", True, False)


def test_the_objects_metadata_comes_from_a_store_without_keys() -> None:
    parsed = _parse(_file(s3=pb.S3Upload(metadata={"rtcstack-recording": "rec_1"}, bucket=Storage().bucket)))
    assert parsed.order.metadata == {"rtcstack-recording": "rec_1"}
    assert parsed.own_store is None


def test_a_store_with_keys_is_used_and_not_written_down() -> None:
    s3 = pb.S3Upload(access_key="KEY", secret="SECRET", bucket="theirs")
    parsed = _parse(_file(s3=s3))
    assert parsed.own_store == s3
    assert parsed.order.has_own_store
    assert "SECRET" not in repr(parsed)


def test_a_tenants_bucket_is_named_without_keys() -> None:
    metadata = {"rtcstack-recording": "rec_1", "rtcstack-storage": "sto_1"}
    parsed = _parse(_file(s3=pb.S3Upload(bucket="theirs", metadata=metadata)))
    assert parsed.own_store is None
    assert (parsed.order.storage_id, parsed.order.recording_id) == ("sto_1", "rec_1")
    assert not parsed.order.has_own_store


def test_in_the_newer_form_a_store_may_stand_in_two_places() -> None:
    outer, inner = pb.S3Upload(access_key="K", bucket="outer"), pb.S3Upload(access_key="K", bucket="inner")
    everywhere = pb.StorageConfig(s3=outer)
    assert _parse(_newer(storage=everywhere)).own_store == outer
    output = pb.Output(file=pb.FileOutput(filepath="a.mp4"), storage=pb.StorageConfig(s3=inner))
    assert _parse(_newer(storage=everywhere, outputs=[output])).own_store == inner


@pytest.mark.parametrize(
    "request_",
    [
        StartEgressRequest(egress_id="EG_1", web=pb.WebEgressRequest(url="https://x")),
        _track(websocket_url="wss://x"),
        _track(file=pb.DirectFileOutput(filepath="a.webm")),
        _composite(
            file=_FILE, file_outputs=[], segment_outputs=[pb.SegmentedFileOutput(s3=pb.S3Upload(bucket="b"))]
        ),
        _tracks(video_track_id="TR_V", file_outputs=[_FILE], stream=pb.StreamOutput()),
        _media(audio=pb.AudioConfig(routes=[pb.AudioRoute(track_id="a", channel=1)])),
        _media(audio=pb.AudioConfig(routes=[pb.AudioRoute(participant_kind=4)])),
        StartEgressRequest(egress_id="EG_1", replay=pb.ExportReplayRequest()),
        StartEgressRequest(egress_id="EG_1"),
        _newer(template=None, web=pb.WebSource(url="https://x")),
        _newer(outputs=[pb.Output(stream=pb.StreamOutput())]),
        _composite(custom_base_url="https://x"),
        _newer(template=pb.TemplateSource(custom_base_url="https://x")),
        _composite(stream_outputs=[pb.StreamOutput()]),
        _composite(audio_mixing=pb.AudioMixing.DUAL_CHANNEL_AGENT),
        _file(gcp=pb.GCPUpload(bucket="b")),
        _file(azure=pb.AzureBlobUpload(container_name="c")),
        _file(s3=pb.S3Upload(access_key="K", bucket="b", assume_role_arn="arn")),
        _file(s3=pb.S3Upload(access_key="K", bucket="b", tagging="a=b")),
        _composite(advanced=pb.EncodingOptions(audio_codec=models.AudioCodec.AC_MP3)),
        _composite(advanced=pb.EncodingOptions(video_codec=models.VideoCodec.VP8)),
    ],
)
def test_what_others_do_is_left_to_them(request_: Any) -> None:
    with pytest.raises(NotOurs):
        _parse(request_)


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        (_composite(room_name=""), "room_name"),
        (_composite(layout="mosaic"), "layout: 'mosaic'"),
        (_composite(preset=99), "preset: 99"),
        (_composite(advanced=pb.EncodingOptions(width=20_000)), "advanced.width: 20000"),
        (_composite(advanced=pb.EncodingOptions(width=1920, height=1920)), "1920x1920"),
        (_participant(identity=""), "identity"),
        (_tracks(file_outputs=[_FILE]), "video_track_id"),
        (_track(track_id="", file=pb.DirectFileOutput()), "track_id"),
        (_composite(file_outputs=[]), "output is missing"),
        (_composite(file_outputs=[_FILE, _FILE]), "one each"),
        (_newer(outputs=[pb.Output()]), "one is empty"),
        (_media(), "video or an audio"),
        (_media(audio=pb.AudioConfig()), "capture_all or routes"),
        (_media(audio=pb.AudioConfig(routes=[pb.AudioRoute(track_id="TR_1")] * 9000)), "bytes of names"),
        (_media(participant_video=pb.ParticipantVideo()), "participant_video.identity"),
        (_composite(audio_only=True, video_only=True), "audio_only"),
        (_file(s3=pb.S3Upload(bucket="elsewhere")), "access_key"),
        (_file(s3=pb.S3Upload(metadata={"a": "ä"})), "metadata"),
        (_file(s3=pb.S3Upload(metadata={"a": "b\r\nc"})), "metadata"),
        (_file(s3=pb.S3Upload(metadata={"app:env": "x"})), "'app:env' cannot be the name"),
        (_file(s3=pb.S3Upload(metadata={"a b": "x"})), "'a b' cannot be the name"),
        (_file(s3=pb.S3Upload(metadata={"x-amz-acl": "public-read"})), "'x-amz-acl' cannot be the name"),
        (_file(s3=pb.S3Upload(metadata={"Content-Type": "x"})), "'Content-Type' cannot be the name"),
        (StartEgressRequest(egress_id="../x", room_composite=_composite().room_composite), "egress_id"),
    ],
)
def test_what_nobody_can_do_is_named(request_: Any, named: str) -> None:
    with pytest.raises(Invalid, match=named):
        _parse(request_)
