from typing import Any

import pytest
from livekit.protocol import egress as pb

from rtcstack.adapters.psrpc.messages import StartEgressRequest
from rtcstack.egress.dispatcher import requests
from rtcstack.egress.dispatcher.not_ours import NotOurs
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
        StartEgressRequest(egress_id="EG_1", track=pb.TrackEgressRequest(room_name="r")),
        StartEgressRequest(egress_id="EG_1", track_composite=pb.TrackCompositeEgressRequest(room_name="r")),
        StartEgressRequest(egress_id="EG_1", participant=pb.ParticipantEgressRequest(room_name="r")),
        StartEgressRequest(egress_id="EG_1", replay=pb.ExportReplayRequest()),
        StartEgressRequest(egress_id="EG_1"),
        _newer(template=None, web=pb.WebSource(url="https://x")),
        _newer(outputs=[pb.Output(stream=pb.StreamOutput())]),
        _composite(custom_base_url="https://x"),
        _composite(video_only=True),
        _composite(file_outputs=[]),
        _composite(file_outputs=[_FILE, _FILE]),
        _composite(stream_outputs=[pb.StreamOutput()]),
        _composite(segment_outputs=[pb.SegmentedFileOutput()]),
        _composite(image_outputs=[pb.ImageOutput()]),
        _composite(audio_mixing=pb.AudioMixing.DUAL_CHANNEL_AGENT),
        _file(file_type=pb.EncodedFileType.OGG),
        _file(gcp=pb.GCPUpload(bucket="b")),
        _file(azure=pb.AzureBlobUpload(container_name="c")),
        _file(s3=pb.S3Upload(access_key="K", bucket="b", assume_role_arn="arn")),
        _file(s3=pb.S3Upload(access_key="K", bucket="b", tagging="a=b")),
    ],
)
def test_what_others_do_is_left_to_them(request_: Any) -> None:
    with pytest.raises(NotOurs):
        _parse(request_)


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        (_composite(room_name=""), "room_name"),
        (_composite(audio_only=True, video_only=True), "audio_only"),
        (_file(s3=pb.S3Upload(bucket="elsewhere")), "access_key"),
        (_file(s3=pb.S3Upload(metadata={"a": "ä"})), "metadata"),
        (_file(s3=pb.S3Upload(metadata={"a": "b\r\nc"})), "metadata"),
        (StartEgressRequest(egress_id="../x", room_composite=_composite().room_composite), "egress_id"),
    ],
)
def test_what_nobody_can_do_is_named(request_: Any, named: str) -> None:
    with pytest.raises(Invalid, match=named):
        _parse(request_)
