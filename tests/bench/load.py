"""A load generator in a process of its own: so many connections ask for one URL, each again as soon as it is answered.

    python -m tests.bench.load URL KEY SECONDS CONNECTIONS

prints the latencies as JSON, in milliseconds. It waits for answers before it asks again, so its latencies say how
long callers wait at this load, not what a fixed rate would meet.
"""

import asyncio
import json
import sys
import time

import aiohttp
import uvloop


async def _ask(session: aiohttp.ClientSession, url: str, until: float, took_ms: list[float]) -> None:
    while (began := time.perf_counter()) < until:
        async with session.get(url) as answer:
            await answer.read()
            assert answer.status == 200, answer.status
        took_ms.append((time.perf_counter() - began) * 1000)


async def _run(url: str, key: str, seconds: float, connections: int) -> list[float]:
    took_ms: list[float] = []
    headers = {"authorization": f"Bearer {key}"}
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(_ask(session, url, until, took_ms) for _ in range(connections)))
    return took_ms


def main() -> None:
    url, key, seconds, connections = sys.argv[1:]
    print(json.dumps(uvloop.run(_run(url, key, float(seconds), int(connections)))))  # noqa: T201


if __name__ == "__main__":
    main()
