import pytest

from rtcstack import errors
from rtcstack.adapters.psrpc import faults


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (faults.Fault("unimplemented", "not here"), "unimplemented", "not here"),
        (errors.Invalid("bad path"), "invalid_argument", "bad path"),
        (errors.DiskFull("no room"), "resource_exhausted", "no room"),
        (errors.RoomNotFound("no such room"), "not_found", "no such room"),
        (errors.InvalidTransition("not now"), "failed_precondition", "not now"),
        (errors.PartUnavailable("LiveKit is away", part="livekit"), "unavailable", "LiveKit is away"),
    ],
)
def test_errors_of_ours_keep_their_words(error: Exception, code: str, text: str) -> None:
    assert faults.code_and_text(error) == (code, text)


def test_an_unforeseen_error_does_not_tell_its_text() -> None:
    code, text = faults.code_and_text(KeyError("secret detail"))
    assert code == "internal"
    assert "secret" not in text


@pytest.mark.parametrize("code", ["unavailable", "deadline_exceeded", "resource_exhausted", "canceled"])
def test_passing_answers_may_be_tried_again(code: str) -> None:
    error = faults.from_response(code, "later", part="livekit", call="IOInfo.CreateEgress")
    assert isinstance(error, errors.PartUnavailable)
    assert error.retryable
    assert error.details["psrpc_code"] == code


def test_other_answers_are_refusals_with_their_code() -> None:
    error = faults.from_response("not_found", "no egress", part="livekit", call="IOInfo.GetEgress")
    assert isinstance(error, errors.PartRefused)
    assert error.details == {"part": "livekit", "psrpc_code": "not_found"}
    assert "no egress" in error.message
