"""LiveKit's webhooks come in here. Only a committed event is answered with 200: LiveKit takes any 4xx for delivered."""

from typing import Any

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from rtcstack import log
from rtcstack.api.strict import RAW_BODY
from rtcstack.errors import Invalid, PartUnavailable, RtcError, Unauthenticated
from rtcstack.services.inbox import Inbox
from rtcstack.workers.runner import Worker

_log = log.get(__name__)


_LARGEST_BYTES = 4 * 1024 * 1024
"""Whatever limit other calls have: LiveKit bounds metadata, attributes and requests at far less."""


@post(
    "/hooks/livekit",
    status_code=200,
    include_in_schema=False,
    opt={RAW_BODY: True},
    request_max_body_size=_LARGEST_BYTES,
)
async def livekit_hook(
    request: Request[Any, Any, Any], inbox: NamedDependency[Inbox], inbox_worker: NamedDependency[Worker]
) -> Response[None]:
    """Verify, commit, answer; what the event means is worked out afterwards."""
    peer = request.client.host if request.client else "?"
    try:
        body = await request.body()
    except RequestEntityTooLarge:
        inbox.note_too_large()
        _log.error(
            "an event for LiveKit's hook is too large, and is not read", peer=peer, most_bytes=_LARGEST_BYTES
        )
        raise
    try:
        is_news = await inbox.take(body, request.headers.get("authorization", ""))
    except Unauthenticated as e:
        _log.warning("refused an event that LiveKit did not sign", peer=peer, **e.details)
        raise
    except Invalid:
        raise
    except RtcError as e:
        raise PartUnavailable(f"The event could not be stored: {e.message}", part="database") from e
    if is_news:
        inbox_worker.wake()
    return Response(None, status_code=200)
