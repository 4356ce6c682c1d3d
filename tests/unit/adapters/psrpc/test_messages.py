"""Bytes are compared with what protobuf's wire format says of the field numbers in psrpc's `internal.proto`."""

import pytest
from livekit.protocol.egress import RoomCompositeEgressRequest

from rtcstack.adapters.psrpc import messages
from rtcstack.errors import Invalid


def test_an_envelope_is_wrapped_under_its_type() -> None:
    payload = messages.wrap(messages.ClaimResponse(request_id="R", server_id="S"))
    url = b"type.googleapis.com/internal.ClaimResponse"
    inner = b"\x0a\x01R\x12\x01S"
    assert payload == b"\x0a" + bytes([len(url)]) + url + b"\x12" + bytes([len(inner)]) + inner


def test_unwrapping_gives_back_what_was_wrapped() -> None:
    request = messages.Request(
        request_id="R", client_id="C", sent_at=1, expiry=2**62, multi=True, raw_request=b"x"
    )
    assert messages.unwrap(messages.wrap(request)) == request


@pytest.mark.parametrize(
    "payload",
    [
        b"\xff\xff\xff",
        messages.Msg(type_url="type.googleapis.com/internal.Stream", value=b"").SerializeToString(),
        messages.Msg(type_url="type.googleapis.com/internal.Request", value=b"\xff").SerializeToString(),
    ],
)
def test_what_is_no_envelope_of_ours_is_refused(payload: bytes) -> None:
    with pytest.raises(Invalid):
        messages.unwrap(payload)


def test_a_start_request_has_livekits_field_numbers() -> None:
    request = messages.StartEgressRequest(
        egress_id="E", room_id="RM", room_composite=RoomCompositeEgressRequest(room_name="r")
    )
    assert request.SerializeToString() == b"\x0a\x01E\x1a\x02RM\x2a\x03\x0a\x01r"
    assert request.WhichOneof("request") == "room_composite"


def test_fields_we_do_not_have_are_skipped() -> None:
    request = messages.StartEgressRequest.FromString(b"\x0a\x01E\x50\x01\x78\x03")
    assert request.egress_id == "E"
