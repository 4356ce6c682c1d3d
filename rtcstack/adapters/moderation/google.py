"""`google`: the Video Intelligence API's detection of explicit content, over Google's own client library.

It looks at films alone, so pictures travel as a short one, inside the request. What it says is one of five words a second.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Final
from urllib.parse import urlsplit

import grpc
from google.api_core import exceptions
from google.auth.exceptions import GoogleAuthError
from google.cloud import videointelligence_v1 as vi
from google.cloud.videointelligence_v1.services.video_intelligence_service.transports import (
    VideoIntelligenceServiceGrpcTransport,
)
from google.oauth2.service_account import Credentials

from rtcstack.adapters.moderation.film import SECOND_S, film_of
from rtcstack.adapters.moderation.image import decode
from rtcstack.adapters.moderation.wire import GoogleService, Seen
from rtcstack.errors import Invalid, PartRefused, PartUnavailable, RtcError

PART: Final = "moderation"
CATEGORY: Final = "explicit_content"
_REQUEST_TIMEOUT_S: Final = 60.0
_OPERATION_TIMEOUT_S: Final = 300.0
_LIKELIHOODS: Final = {
    vi.Likelihood.VERY_UNLIKELY: 0.0,
    vi.Likelihood.UNLIKELY: 0.25,
    vi.Likelihood.POSSIBLE: 0.5,
    vi.Likelihood.LIKELY: 0.75,
    vi.Likelihood.VERY_LIKELY: 1.0,
}
_SCOPES: Final = ("https://www.googleapis.com/auth/cloud-platform",)
_PASSING: Final = (
    exceptions.TooManyRequests,
    exceptions.ServerError,
    exceptions.RetryError,
    exceptions.Cancelled,
    exceptions.Aborted,
    TimeoutError,
    FutureTimeout,
)


class GoogleModerator:
    """Raises `Invalid`, naming the setting, if the credentials are no service account's key."""

    model = ""

    def __init__(
        self,
        setup: GoogleService,
        *,
        request_timeout_s: float = _REQUEST_TIMEOUT_S,
        operation_timeout_s: float = _OPERATION_TIMEOUT_S,
    ) -> None:
        self._client = vi.VideoIntelligenceServiceClient(transport=_transport(setup))
        self._request_timeout_s, self._operation_timeout_s = request_timeout_s, operation_timeout_s

    def look(self, pictures: Sequence[bytes]) -> list[Seen]:
        """Raises `PartUnavailable` for what may pass (no answer, no quota), `PartRefused` for what will not."""
        decoded = [(number, frame) for number, jpeg in enumerate(pictures) if (frame := decode(jpeg))]
        if not decoded:
            return []
        numbers = [number for number, _ in decoded]
        annotated = self._annotate(film_of([frame for _, frame in decoded]))
        return [Seen(number, CATEGORY, worst) for number, worst in _worst(annotated, numbers).items()]

    def _annotate(self, film: bytes) -> Sequence[vi.ExplicitContentFrame]:
        request = vi.AnnotateVideoRequest(
            features=[vi.Feature.EXPLICIT_CONTENT_DETECTION], input_content=film
        )
        try:
            # The library's own retries would hide an outage for ten minutes; a job is tried again anyway.
            operation = self._client.annotate_video(
                request=request, retry=None, timeout=self._request_timeout_s
            )
            response = operation.result(timeout=self._operation_timeout_s)
        except (exceptions.GoogleAPIError, GoogleAuthError, TimeoutError, FutureTimeout) as e:
            raise _told(e) from e
        [result] = response.annotation_results
        if result.error.code:
            raise _told(exceptions.from_grpc_status(_status(result.error.code), result.error.message))
        return list(result.explicit_annotation.frames)


def _status(code: int) -> grpc.StatusCode:
    return next((status for status in grpc.StatusCode if status.value[0] == code), grpc.StatusCode.UNKNOWN)


def _told(error: Exception) -> RtcError:
    """A failed operation carries Google's own words; they say which quota, which account, which switch."""
    message = f"Google's Video Intelligence API did not look at pictures: {type(error).__name__}: {error}"
    kind: Callable[..., RtcError] = PartUnavailable if isinstance(error, _PASSING) else PartRefused
    return kind(message, part=PART)


def _worst(frames: Sequence[Any], numbers: Sequence[int]) -> dict[int, float]:
    """Return the highest likelihood of each picture; a moment between two belongs to the one that still stands."""
    worst: dict[int, float] = {}
    for frame in frames:
        likelihood = _LIKELIHOODS.get(frame.pornography_likelihood)
        if likelihood is None:  # unspecified
            continue
        place = min(int(frame.time_offset.total_seconds() / SECOND_S), len(numbers) - 1)
        worst[numbers[place]] = max(worst.get(numbers[place], 0.0), likelihood)
    return worst


def _transport(setup: GoogleService) -> VideoIntelligenceServiceGrpcTransport:
    asked = urlsplit(setup.endpoint or f"https://{VideoIntelligenceServiceGrpcTransport.DEFAULT_HOST}")
    if (
        asked.scheme == "http"
    ):  # loopback only, the settings see to that: a test's server, or a proxy of one's own
        return VideoIntelligenceServiceGrpcTransport(channel=grpc.insecure_channel(asked.netloc))
    return VideoIntelligenceServiceGrpcTransport(
        host=asked.netloc, credentials=_credentials(setup.credentials)
    )


def _credentials(text: str) -> Credentials:
    try:
        info = json.loads(text)
        made: Credentials = Credentials.from_service_account_info(info, scopes=_SCOPES)
    except (ValueError, GoogleAuthError, AttributeError) as e:
        raise Invalid(
            "RTCSTACK_MODERATION__CREDENTIALS: this is not a service account's key, the JSON file that Google gives out"
            f" ({type(e).__name__})."
        ) from e
    return made
