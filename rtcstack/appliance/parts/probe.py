"""Asking a part whether it is well, over plain sockets: no client library is loaded for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rtcstack.appliance.parts.part import Unhealthy
from rtcstack.settings import Redis

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised, not bound


def reachable(host: str) -> str:
    """Return the address at which this machine reaches something that listens on `host`."""
    return _ANY_ADDRESS.get(host, host)


@asynccontextmanager
async def _connection(
    host: str, port: int
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    try:
        reader, writer = await asyncio.open_connection(reachable(host), port)
    except OSError as e:
        raise Unhealthy(f"nothing answers on {host}:{port}") from e
    try:
        yield reader, writer
    except (OSError, EOFError) as e:
        raise Unhealthy(f"the connection to {host}:{port} broke") from e
    finally:
        writer.close()


async def http_ok(host: str, port: int, path: str) -> None:
    """Expect status 200 for `GET path`.

    Raises:
        Unhealthy: nobody answers, or another status.
    """
    async with _connection(host, port) as (reader, writer):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        words = (await reader.readline()).split()
        await reader.read()
    if len(words) < 2 or words[1] != b"200":  # noqa: PLR2004 - version and status
        raise Unhealthy(f"GET {path} answered {b' '.join(words[1:]).decode(errors='replace') or 'nothing'}")


def _command(*words: str | bytes) -> bytes:
    """Encode a command as RESP, Redis's protocol."""
    encoded = [word.encode() if isinstance(word, str) else word for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)


async def _redis_line(reader: asyncio.StreamReader) -> bytes:
    line = (await reader.readuntil(b"\r\n")).rstrip()
    if line.startswith(b"-"):
        raise Unhealthy(f"Redis answered: {line[1:].decode(errors='replace')}")
    return line


async def redis_ping(bus: Redis) -> None:
    """Expect PONG.

    Raises:
        Unhealthy: nobody answers, a wrong password, or Redis is still loading its file.
    """
    async with _connection(bus.host, bus.port) as (reader, writer):
        writer.write(_command("AUTH", bus.password.get_secret_value()) + _command("PING"))
        await _redis_line(reader)
        await _redis_line(reader)


async def redis_ask(bus: Redis, question: tuple[str, bytes], answers: str) -> None:
    """Publish a question on a channel and expect anything at all on the channel for answers.

    Raises:
        Unhealthy: nobody listens for questions, or Redis itself does not answer.
    """
    password = bus.password.get_secret_value()
    async with (
        _connection(bus.host, bus.port) as (hearing, ear),
        _connection(bus.host, bus.port) as (reply, mouth),
    ):
        ear.write(_command("AUTH", password) + _command("SUBSCRIBE", answers))
        for _ in range(7):  # OK; then an array of three: the word `subscribe`, the channel, a count
            await _redis_line(hearing)
        mouth.write(_command("AUTH", password) + _command("PUBLISH", *question))
        await _redis_line(reply)
        if await _redis_line(reply) == b":0":
            raise Unhealthy("it does not listen for requests on Redis")
        await _redis_line(hearing)
