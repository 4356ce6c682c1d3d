"""What a user sees when the appliance is up: where everything is, the first API key and password, the self-check."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from rtcstack.appliance import hints
from rtcstack.appliance.folder import DataFolder
from rtcstack.appliance.state import addresses
from rtcstack.appliance.stopping import Say
from rtcstack.settings import Settings
from rtcstack.spawn import spawn_argv

KEY_MADE = "first-key"
USER_MADE = "first-user"
CHECKED = "self-check"


@asynccontextmanager
async def _child(
    role: str, *args: str, environ: Mapping[str, str], **where: Any
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(*spawn_argv(role, *args), env=environ, **where)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def first_key(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """Make the first API key of the tenant `default`, called `first start`, once for a data folder; None when it was made before.

    Raises:
        RuntimeError: the command that makes keys failed; the message is its own.
    """
    mark = DataFolder(settings.data).mark(KEY_MADE)
    if mark.exists():
        return None
    words = ("create", "--tenant", "default", "--name", "first start", "--json", "--data", str(settings.data))
    pipe = asyncio.subprocess.PIPE
    async with _child("keys", *words, environ=environ, stdout=pipe, stderr=pipe) as process:
        out, err = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the first API key could not be made: {err.decode(errors='replace').strip()}")
    mark.touch()
    return str(json.loads(out)["key"])


async def first_user(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """Make the first user of the dashboard, once for a data folder, and return the password; None when there was one.

    Raises:
        RuntimeError: the command that makes users failed; the message is its own.
    """
    mark = DataFolder(settings.data).mark(USER_MADE)
    if mark.exists():
        return None
    pipe = asyncio.subprocess.PIPE
    words = ("first", "--data", str(settings.data))
    async with _child("admin", *words, environ=environ, stdout=pipe, stderr=pipe) as process:
        out, err = await process.communicate()
    if process.returncode:
        raise RuntimeError(
            f"the first user of the dashboard could not be made: {err.decode(errors='replace').strip()}"
        )
    mark.touch()
    made: str | None = json.loads(out)["password"]
    return made


def _was_checked(settings: Settings) -> bool:
    return DataFolder(settings.data).mark(CHECKED).exists()


async def self_check(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Record a meeting, which is done once for a data folder; return whether it went well."""
    async with _child("demo", "--data", str(settings.data), environ=environ) as process:
        status = await process.wait()
    if status == 0:
        DataFolder(settings.data).mark(CHECKED).touch()
    return status == 0


def _lines(settings: Settings) -> list[str]:
    where = addresses(settings)
    secrets = hints.shown(settings.secrets_path)
    rows = [
        ("Dashboard", where["api"], "sign in as admin"),
        ("API", where["api"], "OpenAPI document at /schema/openapi.json, guides in docs/"),
        ("LiveKit", where["livekit"], "join with a token of POST /v1/rooms/{roomId}/tokens"),
        ("S3", where["s3"], f"bucket {settings.storage.bucket}"),
        (
            "S3 console",
            where["s3_console"],
            f"user: {secrets}/storage_access_key, password: …/storage_secret_key",
        ),
        ("Data", hints.shown(settings.data), f"logs in {hints.shown(settings.data / 'logs')}"),
    ]
    width = max(len(value) for _, value, _ in rows)
    return [f"  {name:<12}{value:<{width + 3}}{about}" for name, value, about in rows]


def _shown_once(key: str | None, password: str | None) -> list[str]:
    """Return the lines of what is known to nobody afterwards: it is hashed in the database."""
    lines = []
    if key:
        lines += ["", f"  API key     {key}", "              tenant default; no later start shows it"]
    if password:
        lines += [
            "",
            f"  Password    {password}",
            "              of admin at the dashboard; no later start shows it",
        ]
    return lines


async def welcome(settings: Settings, environ: Mapping[str, str], say: Say, *, selfcheck: bool) -> bool:
    """Print it all; return whether the first key, the first user and the self-check went well."""
    key, password, well = None, None, True
    try:
        key = await first_key(settings, environ)
        password = await first_user(settings, environ)
    except RuntimeError as e:
        say(str(e))
        well = False
    once = _shown_once(key, password)
    say("\n".join(["", "rtcstack is ready.", "", *_lines(settings), *once, ""]))
    status, down, demo = (hints.command(word, settings.data) for word in ("status", "down", "demo"))
    say(f"How it is: {status}    To stop it: {down}\n")
    if not (well and selfcheck) or _was_checked(settings):
        return well
    if not await self_check(settings, environ):
        say(f"The self-check failed. The appliance keeps running. Try it again: {demo}")
        well = False
    if once:
        say("\n".join(["", "Once more, to be kept:", *once, ""]))  # the self-check filled the screen
    return well
