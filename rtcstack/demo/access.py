"""Making and revoking the key that the self-check uses, by the commands a person would use."""

import asyncio
import json
from pathlib import Path

from rtcstack.demo.step import StepFailed
from rtcstack.spawn import spawn_argv

_TIMEOUT_S = 60


async def _keys(*args: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *spawn_argv("keys", *args),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    command = f"rtcstack keys {' '.join(args)}"
    look = "what the command prints when it is run by hand"
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            out, err = await process.communicate()
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


async def create_key(data: Path) -> tuple[str, str]:
    """Make a key of the tenant `default`, called `self-check`; return the key and its id.

    Raises:
        StepFailed: when the command fails or prints something else than the documented object.
    """
    out = await _keys("create", "--tenant", "default", "--name", "self-check", "--json", "--data", str(data))
    try:
        made = json.loads(out)
        return str(made["key"]), str(made["id"])
    except (ValueError, KeyError, TypeError) as e:
        raise StepFailed(
            expected='{"tenant", "key", "id"} from `rtcstack keys create --json`',
            seen=f"an answer that is not that ({e})",
            look="the command's documentation",
        ) from e


async def revoke_key(data: Path, identity: str) -> None:
    """Revoke a key; raises StepFailed."""
    await _keys("revoke", identity, "--data", str(data))
