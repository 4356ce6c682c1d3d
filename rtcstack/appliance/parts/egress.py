"""The built-in Egress worker."""

import time
import uuid
from collections.abc import Mapping

from rtcstack.appliance.parts import probe
from rtcstack.appliance.parts.part import Part
from rtcstack.appliance.stopping import StopRule
from rtcstack.settings import Redis, Settings
from rtcstack.spawn import spawn_argv

_SERVICE = "EgressInternal"
_QUESTIONS = f"{_SERVICE}|ListActiveEgress|REQ"
_PATIENCE_NS = 2_000_000_000
_TEXT = 2
"""Protobuf's wire type of strings, bytes and messages; 0 is that of numbers."""


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits a byte
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _field(number: int, value: str | bytes | int) -> bytes:
    """Encode one protobuf field."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    encoded = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | _TEXT) + _varint(len(encoded)) + encoded


def _question(client: str) -> bytes:
    """Encode an empty ListActiveEgress as psrpc's `Msg` with a `Request` in it (spec/egress-wire.md, Transport)."""
    now_ns = time.time_ns()
    request: list[str | int] = [uuid.uuid4().hex, client, now_ns, now_ns + _PATIENCE_NS, True]
    encoded = b"".join(_field(number, value) for number, value in enumerate(request, start=1))
    return _field(1, "type.googleapis.com/internal.Request") + _field(2, encoded)


async def ask(bus: Redis) -> None:
    """Expect the worker to say what it records: it answers once it can take requests, and as long as it is not stuck.

    Written out here, since the real psrpc client would bring its libraries into the supervisor.

    Raises:
        Unhealthy: no worker listens.
    """
    client = f"supervisor_{uuid.uuid4().hex}"
    await probe.redis_ask(bus, (_QUESTIONS, _question(client)), f"{_SERVICE}|{client}|RES")


def stop_rule(settings: Settings) -> StopRule:
    """SIGTERM means drain: finish and upload the files. The second one says: now."""
    return StopRule(again_after_s=settings.egress.drain_timeout_s)


def egress_part(settings: Settings, environ: Mapping[str, str]) -> Part:
    async def check() -> None:
        await ask(settings.redis)

    return Part(
        name="egress",
        argv=tuple(spawn_argv("egress-worker", str(settings.data))),
        environment={**environ, "RTCSTACK_EGRESS__LINGER_S": "0"},  # LiveKit is to stop after it
        folders=(settings.spool_path,),
        after=("livekit",),
        needs=("redis",),
        check=check,
        takes_control_pipe=True,
        stop=stop_rule(settings),
    )
