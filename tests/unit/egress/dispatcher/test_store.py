import pytest
from livekit.protocol.egress import S3Upload
from pydantic import SecretStr

from rtcstack.egress.dispatcher import store
from rtcstack.errors import Invalid
from rtcstack.settings import Storage


def test_the_configured_store() -> None:
    configured = store.configured(Storage(access_key=SecretStr("KEY"), secret_key=SecretStr("SECRET")))
    assert configured.location("room/a.mp4") == "http://127.0.0.1:9000/rtcstack-recordings/room/a.mp4"
    assert configured.is_ours
    assert "SECRET" not in repr(configured)


@pytest.mark.parametrize(
    ("endpoint", "location"),
    [
        ("", "https://s3.eu-central-1.amazonaws.com/b/k"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000/b/k"),
        ("store.example:9000", "https://store.example:9000/b/k"),
    ],
)
def test_a_requests_store(endpoint: str, location: str) -> None:
    s3 = S3Upload(access_key="K", secret="S", bucket="b", region="eu-central-1", endpoint=endpoint)
    theirs = store.from_request(s3)
    assert theirs.location("k") == location
    assert not theirs.is_ours


@pytest.mark.parametrize(
    "s3",
    [
        S3Upload(access_key="K"),
        S3Upload(access_key="K", bucket="b", endpoint="ftp://x"),
        S3Upload(access_key="K", bucket="b", endpoint="https://"),
        S3Upload(access_key="K", bucket="b", endpoint="https://x/path"),
    ],
)
def test_a_store_that_cannot_be_is_refused(s3: S3Upload) -> None:
    with pytest.raises(Invalid, match=r"s3\."):
        store.from_request(s3)
