"""The key that the self-check uses: a given one, or one made for it and revoked at its end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rtcstack.demo.step import StepFailed
from rtcstack.spawn import spawn_argv

_TIMEOUT_S = 20


async def _keys(*args: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *spawn_argv("keys", *args),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    command = f"rtcstack keys {' '.join(args)}"
    look = "the command's own message above, or run it by hand"
    try:
        out, err = await asyncio.wait_for(process.communicate(), _TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise StepFailed(
            expected=f"an end of `{command}`", seen=f"none in {_TIMEOUT_S} s", look=look
        ) from None
    if process.returncode != 0:
        seen = f"exit status {process.returncode}, {err.decode(errors='replace').strip()[-400:]}"
        raise StepFailed(expected=f"`{command}` to succeed", seen=seen, look=look)
    return out.decode()


@asynccontextmanager
async def temporary_key(data: Path) -> AsyncIterator[str]:
    """Make a key of the tenant `default` and revoke it at the end.

    Raises:
        StepFailed: when the command fails or prints something else than the documented object.
    """
    out = await _keys("create", "--tenant", "default", "--json", "--data", str(data))
    try:
        made = json.loads(out)
        key, identity = str(made["key"]), str(made["id"])
    except (ValueError, KeyError, TypeError) as e:
        raise StepFailed(
            expected='{"tenant", "key", "id"} from `rtcstack keys create --json`',
            seen=f"something without {e}",
            look="the command's documentation",
        ) from e
    try:
        yield key
    finally:
        await _keys("revoke", identity, "--data", str(data))
