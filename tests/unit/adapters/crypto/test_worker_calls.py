import time

import jwt
import pytest
from livekit.api import AccessToken, VideoGrants

from rtcstack.adapters.crypto.worker_calls import SecretWorkerCalls
from rtcstack.errors import Internal, Unauthenticated

_KEY, _SECRET = "APIkey", "a secret that only LiveKit, the API and the worker have"
_BODY = b'{"recording_id":"rec_1"}'

_PARTICIPANT = (
    AccessToken(_KEY, _SECRET).with_identity("ada").with_grants(VideoGrants(room_join=True, room="r"))
)


@pytest.fixture
def calls() -> SecretWorkerCalls:
    return SecretWorkerCalls(_KEY, _SECRET)


def test_a_signed_call_is_taken(calls: SecretWorkerCalls) -> None:
    calls.verify(_BODY, calls.sign(_BODY))


def _token(**claims: object) -> str:
    return f"Bearer {jwt.encode({'iss': _KEY, 'exp': int(time.time()) + 60, **claims}, _SECRET, 'HS256')}"


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer x.y.z",
        SecretWorkerCalls(_KEY, "another secret, of another appliance").sign(_BODY),
        SecretWorkerCalls("another", _SECRET).sign(_BODY),
        SecretWorkerCalls(_KEY, _SECRET).sign(b'{"recording_id":"rec_2"}'),
        _token(),
        _token(sha256=None),
        f"Bearer {_PARTICIPANT.to_jwt()}",
    ],
)
def test_any_other_call_is_refused(calls: SecretWorkerCalls, authorization: str) -> None:
    with pytest.raises(Unauthenticated):
        calls.verify(_BODY, authorization)


def test_a_call_of_long_ago_is_refused(calls: SecretWorkerCalls) -> None:
    signed = jwt.decode(calls.sign(_BODY)[7:], options={"verify_signature": False})
    with pytest.raises(Unauthenticated):
        calls.verify(_BODY, _token(**{**signed, "exp": int(time.time()) - 1}))


def test_an_answer_is_for_one_question_of_one_appliance(calls: SecretWorkerCalls) -> None:
    sealed = calls.seal("a secret key", "rec_1")
    assert "secret" not in sealed
    assert calls.open(sealed, "rec_1") == "a secret key"
    for other, context, text in (
        (calls, "rec_2", sealed),
        (SecretWorkerCalls(_KEY, "another secret, of another appliance"), "rec_1", sealed),
        (calls, "rec_1", sealed[:-4] + "AAA="),
        (calls, "rec_1", "no base64 at all"),
        (calls, "rec_1", ""),
    ):
        with pytest.raises(Internal):
            other.open(text, context)
