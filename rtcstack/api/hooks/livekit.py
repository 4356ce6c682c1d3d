"""LiveKit's webhooks come in here. Only a committed event is answered with 200: LiveKit takes any 4xx for delivered."""

from typing import Any

from litestar import Request, Response, post
from litestar.di import NamedDependency

from rtcstack import log
from rtcstack.api.strict import RAW_BODY
from rtcstack.errors import Invalid, PartUnavailable, RtcError, Unauthenticated
from rtcstack.services.inbox import Inbox
from rtcstack.workers.runner import Worker

_log = log.get(__name__)


@post("/hooks/livekit", status_code=200, include_in_schema=False, opt={RAW_BODY: True})
async def livekit_hook(
    request: Request[Any, Any, Any], inbox: NamedDependency[Inbox], inbox_worker: NamedDependency[Worker]
) -> Response[None]:
    """Verify, commit, answer; what the event means is worked out afterwards."""
    body = await request.body()
    try:
        is_news = await inbox.take(body, request.headers.get("authorization", ""))
    except Unauthenticated as e:
        peer = request.client.host if request.client else "?"
        _log.warning("refused an event that LiveKit did not sign", peer=peer, **e.details)
        raise
    except Invalid:
        raise
    except RtcError as e:
        raise PartUnavailable(f"The event could not be stored: {e.message}", part="database") from e
    if is_news:
        inbox_worker.wake()
    return Response(None, status_code=200)
