"""The Google provider, with Google's own client library, against a server that speaks the same gRPC service."""

import io
import json
import threading
from collections.abc import Iterator

import av
import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.cloud import videointelligence_v1 as vi

from rtcstack.adapters.moderation.google import GoogleModerator
from rtcstack.adapters.moderation.wire import GoogleService
from rtcstack.errors import Invalid, PartRefused, PartUnavailable
from tests.support.moderation import GREY, RED, jpeg
from tests.support.video_intelligence import VideoIntelligence, video_intelligence


@pytest.fixture
def service() -> Iterator[VideoIntelligence]:
    with video_intelligence() as running:
        yield running


def _moderator(service: VideoIntelligence, timeout_s: float = 20) -> GoogleModerator:
    return GoogleModerator(GoogleService(service.endpoint, ""), operation_timeout_s=timeout_s)


def test_pictures_travel_as_a_film_and_each_gets_its_likelihood(service: VideoIntelligence) -> None:
    half = (120, 60, 60)
    seen = _moderator(service).look([jpeg(GREY), jpeg(RED), b"no picture", jpeg(half, 640, 360), jpeg(GREY)])
    assert [(one.picture, one.likelihood) for one in seen] == [(0, 0.0), (1, 1.0), (3, 0.25), (4, 0.0)]
    assert {one.category for one in seen} == {"explicit_content"}
    [request] = service.requests
    assert list(request.features) == [vi.Feature.EXPLICIT_CONTENT_DETECTION]
    assert request.input_uri == ""
    assert service.polls >= 1
    with av.open(io.BytesIO(request.input_content), "r") as film:
        assert film.duration == 4 * 1_000_000
        assert (film.streams.video[0].codec_context.name, len(film.streams)) == ("h264", 1)


def test_without_pictures_nothing_is_asked(service: VideoIntelligence) -> None:
    assert _moderator(service).look([b"no picture"]) == []
    assert service.requests == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (grpc.StatusCode.RESOURCE_EXHAUSTED, PartUnavailable),
        (grpc.StatusCode.UNAVAILABLE, PartUnavailable),
        (grpc.StatusCode.DEADLINE_EXCEEDED, PartUnavailable),
        (grpc.StatusCode.INTERNAL, PartUnavailable),
        (grpc.StatusCode.PERMISSION_DENIED, PartRefused),
        (grpc.StatusCode.UNAUTHENTICATED, PartRefused),
        (grpc.StatusCode.INVALID_ARGUMENT, PartRefused),
    ],
)
@pytest.mark.parametrize("where", ["refuse_with", "fail_operation_with", "fail_video_with"])
def test_what_may_pass_is_told_from_what_will_not(
    service: VideoIntelligence, status: grpc.StatusCode, kind: type[Exception], where: str
) -> None:
    setattr(service, where, status)
    with pytest.raises(kind, match="Google's Video Intelligence API did not look at pictures"):
        _moderator(service).look([jpeg(RED)])


def test_the_services_own_words_are_passed_on(service: VideoIntelligence) -> None:
    service.refuse_with = grpc.StatusCode.RESOURCE_EXHAUSTED
    with pytest.raises(PartUnavailable, match="quota exceeded for quota metric 'Requests'"):
        _moderator(service).look([jpeg(RED)])


def test_an_operation_that_does_not_end_is_given_up(service: VideoIntelligence) -> None:
    service.is_endless = True
    with pytest.raises(PartUnavailable):
        _moderator(service, timeout_s=1).look([jpeg(RED)])
    assert service.polls >= 1


def test_a_server_that_is_not_there_is_trouble_that_may_pass() -> None:
    moderator = GoogleModerator(GoogleService("http://127.0.0.1:9", ""))
    with pytest.raises(PartUnavailable):
        moderator.look([jpeg(RED)])


def test_a_hanging_server_is_given_up(service: VideoIntelligence) -> None:
    service.hang = threading.Event()
    moderator = GoogleModerator(GoogleService(service.endpoint, ""), request_timeout_s=0.5)
    with pytest.raises(PartUnavailable, match="Deadline"):
        moderator.look([jpeg(RED)])


@pytest.mark.parametrize("text", ["", "no JSON", "{}", "[]", json.dumps({"type": "service_account"})])
def test_credentials_that_are_none_are_named_and_not_told(text: str) -> None:
    with pytest.raises(Invalid, match="CREDENTIALS: this is not a service account's key") as refused:
        GoogleModerator(GoogleService(None, text))
    assert not text or text not in refused.value.message


def test_a_service_accounts_key_leads_to_the_endpoint_over_tls() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {
        "type": "service_account",
        "client_email": "rtcstack@example.iam.gserviceaccount.com",
        "token_uri": "https://127.0.0.1:9/token",
        "private_key": pem,
    }
    moderator = GoogleModerator(GoogleService("https://127.0.0.1:9", json.dumps(account)))
    assert moderator._client.transport.host == "127.0.0.1:9"
    with pytest.raises(PartUnavailable):
        moderator.look([jpeg(RED)])
    elsewhere = GoogleModerator(GoogleService(None, json.dumps(account)))
    assert elsewhere._client.transport.host == "videointelligence.googleapis.com:443"
