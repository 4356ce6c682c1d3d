from rtcstack.adapters.livekit.client import _request
from rtcstack.ports.livekit import Composite
from rtcstack.ports.storage import StoreAccess

_METADATA = {"rtcstack-recording": "rec_1"}


def test_no_key_travels_unless_it_has_to() -> None:
    [output] = _request(Composite("room", "room/a.mp4", "acme", _METADATA)).file_outputs
    assert (output.s3.bucket, output.s3.metadata) == ("acme", _METADATA)
    assert (output.s3.access_key, output.s3.secret, output.s3.endpoint) == ("", "", "")


def test_a_recorder_that_cannot_ask_gets_everything() -> None:
    access = StoreAccess("https://s3.example:9000", "eu-1", "acme", True, "AK", "SECRET")
    composite = Composite("room", "room/a.mp4", "acme", _METADATA, access=access)
    assert "SECRET" not in repr(composite)
    [output] = _request(composite).file_outputs
    s3 = output.s3
    assert (s3.endpoint, s3.region, s3.access_key, s3.secret) == (
        "https://s3.example:9000",
        "eu-1",
        "AK",
        "SECRET",
    )
    assert s3.force_path_style
