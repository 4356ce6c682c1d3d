import pytest
from google.protobuf.message import Message
from livekit.protocol import egress as pb
from livekit.protocol.models import WebhookConfig

from rtcstack.egress.dispatcher.redact import BLANK, redact

_S3 = pb.S3Upload(
    access_key="SECRET-1",
    secret="SECRET-2",
    session_token="SECRET-3",
    bucket="bucket",
    metadata={"rtcstack-recording": "rec_1"},
    proxy=pb.ProxyConfig(url="http://SECRET-4", username="SECRET-5", password="SECRET-6"),
)


@pytest.mark.parametrize(
    "message",
    [
        pb.EncodedFileOutput(s3=_S3),
        pb.EncodedFileOutput(gcp=pb.GCPUpload(credentials="SECRET")),
        pb.EncodedFileOutput(azure=pb.AzureBlobUpload(account_name="SECRET", account_key="SECRET")),
        pb.EncodedFileOutput(aliOSS=pb.AliOSSUpload(access_key="SECRET", secret="SECRET")),
        pb.EgressInfo(egress=pb.StartEgressRequest(storage=pb.StorageConfig(s3=_S3))),
        pb.RoomCompositeEgressRequest(file_outputs=[pb.EncodedFileOutput(s3=_S3)]),
        pb.RoomCompositeEgressRequest(stream_outputs=[pb.StreamOutput(urls=["rtmp://x/SECRET"])]),
    ],
)
def test_no_secret_is_left(message: Message) -> None:
    assert "SECRET" in str(message)
    redact(message)
    assert "SECRET" not in str(message)


def test_what_is_no_secret_stays() -> None:
    webhook = WebhookConfig(url="https://x", signing_key="APIkey")
    info = pb.EgressInfo(
        room_composite=pb.RoomCompositeEgressRequest(
            file_outputs=[pb.EncodedFileOutput(filepath="a.mp4", s3=_S3)], webhooks=[webhook]
        )
    )
    redact(info)
    (file,) = info.room_composite.file_outputs
    assert (file.filepath, file.s3.bucket) == ("a.mp4", "bucket")
    assert dict(file.s3.metadata) == {"rtcstack-recording": "rec_1"}
    assert file.s3.secret == BLANK
    assert list(info.room_composite.webhooks) == [webhook]
    assert not file.s3.assume_role_arn
