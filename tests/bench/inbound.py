"""LiveKit's part in a process of its own: signed events, each of them news, over so many connections.

    python -m tests.bench.inbound URL SECONDS CONNECTIONS CORE ROOM    (API key and secret in the environment)

prints how many were answered with 200 and two percentiles of their latency as JSON. Most tell of a track, as LiveKit's do;
one in five tells that somebody joined the room, which is an event for customers as well. They are signed before the clock
starts.
"""

import asyncio
import base64
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from statistics import quantiles
from urllib.parse import urlsplit

import jwt
import uvloop
from google.protobuf.json_format import MessageToJson
from livekit.protocol.models import ParticipantInfo, Room, TrackInfo
from livekit.protocol.webhook import WebhookEvent

from tests.bench.load import Caller

_MOST_RPS = 4000
_PATIENCE_S = 20
_RUN = os.urandom(4).hex()


class _Teller(Caller):
    """Each request is another one; when there are none left it ends."""

    def __init__(self, requests: Iterator[bytes], until: float, took_ms: list[float]) -> None:
        super().__init__(b"", until, took_ms)
        self._requests = requests

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._end(None)
            return
        self._request = request
        super()._ask()


def _event(n: int, room: str) -> bytes:
    who = ParticipantInfo(
        sid=f"PA_{_RUN}{n}", identity=f"person-{n}", name=f"Person {n}", joined_at_ms=1_700_000_000_000
    )
    event = WebhookEvent(
        event="participant_joined" if n % 5 == 0 else "track_published",
        id=f"EV_{_RUN}{n}",
        room=Room(name=room, sid=f"RM_{_RUN}", empty_timeout=300, creation_time=1_700_000_000),
        participant=who,
    )
    if n % 5:
        event.track.CopyFrom(TrackInfo(sid=f"TR_{_RUN}{n}", name="camera", width=1280, height=720))
    return MessageToJson(event, indent=None).encode()


def _request(host: str, path: str, body: bytes) -> bytes:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    now_s = int(time.time())
    claims = {"iss": os.environ["KEY"], "nbf": now_s, "exp": now_s + 300, "sha256": digest}  # noqa: TID251 - a program of its own
    token = jwt.encode(claims, os.environ["SECRET"], algorithm="HS256")  # noqa: TID251 - as above
    head = f"POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: {token}\r\n"
    return (
        head + f"content-type: application/webhook+json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body


async def _run(url: str, seconds: float, connections: int, room: str) -> list[float]:
    where = urlsplit(url)
    made = [_request(where.netloc, where.path, _event(n, room)) for n in range(int(seconds * _MOST_RPS))]
    requests, took_ms = iter(made), list[float]()
    until, loop, callers = time.perf_counter() + seconds, asyncio.get_running_loop(), []
    for _ in range(connections):
        _, caller = await loop.create_connection(
            lambda: _Teller(requests, until, took_ms), where.hostname, where.port
        )
        callers.append(caller.done)
    async with asyncio.timeout(seconds + _PATIENCE_S):
        await asyncio.gather(*callers)
    return took_ms


def main() -> None:
    url, seconds, connections, core, room = sys.argv[1:]
    os.sched_setaffinity(0, {int(core)})
    took_ms = uvloop.run(_run(url, float(seconds), int(connections), room))
    percentiles = quantiles(took_ms, n=100)
    told = {"requests": len(took_ms), "p50_ms": percentiles[49], "p99_ms": percentiles[98]}
    print(json.dumps(told))  # noqa: T201 - what it is asked for


if __name__ == "__main__":
    main()
