"""`rtcstack serve` as a process of its own, on servers that run already: to be killed."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from rtcstack.settings import SECRETS, Settings
from tests.support.environment import outer_environment

_WAIT_S = 60


def environment_of(settings: Settings, port: int) -> dict[str, str]:
    """Lead the process to the servers of these settings."""
    secrets = {
        f"RTCSTACK_{section}__{name}".upper(): getattr(getattr(settings, section), name).get_secret_value()
        for section, name in SECRETS
    }
    return {
        **outer_environment(),
        **secrets,
        "RTCSTACK_API__PORT": str(port),
        "RTCSTACK_LIVEKIT__PORT": str(settings.livekit.port),
        "RTCSTACK_REDIS__PORT": str(settings.redis.port),
        "RTCSTACK_STORAGE__PORT": str(settings.storage.port),
    }


@asynccontextmanager
async def serving(
    settings: Settings, port: int, key: str, environ: Mapping[str, str]
) -> AsyncIterator[tuple[int, httpx.AsyncClient]]:
    """Run it on the data folder of `settings`, with `environ` besides; yield its process id and a client."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rtcstack", "serve", "--data", str(settings.data)),
        env={**environment_of(settings, port), **environ},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    headers = {"authorization": f"Bearer {key}"}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as http:
            async with asyncio.timeout(_WAIT_S):
                while not await _is_up(http):
                    assert process.returncode is None, "rtcstack serve ended"
                    await asyncio.sleep(0.1)
            yield process.pid, http
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _is_up(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/healthz")).status_code == 200
    except httpx.TransportError:
        return False
