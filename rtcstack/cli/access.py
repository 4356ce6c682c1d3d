"""What the commands over tenants and keys share: they work on the database of a data folder."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from rtcstack.cli.environment import load_settings
from rtcstack.domain.audit import OPERATOR
from rtcstack.errors import RtcError
from rtcstack.services.access import Access
from rtcstack.services.audit import acting
from rtcstack.settings import Settings, SettingsError

_T = TypeVar("_T")
_S = TypeVar("_S")
Data = Annotated[Path | None, typer.Option(help="The data folder; ./data unless given.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def with_access(
    data: Path | None, work: Callable[[Access], Awaitable[_T]], *, makes_database: bool = False
) -> _T:
    """Return what `work` returns, as `with_opened` does."""
    from rtcstack.bootstrap_access import open_access

    return with_opened(data, open_access, work, makes_database=makes_database)


def with_opened(
    data: Path | None,
    open_service: Callable[[Settings], AbstractAsyncContextManager[_S]],
    work: Callable[[_S], Awaitable[_T]],
    *,
    makes_database: bool = False,
) -> _T:
    """Return what `work` returns; what it refuses is printed and ends the command with status 1.

    Only what makes something may make the database as well: elsewhere a folder without one is a mistake.
    """
    settings = load_settings(data)
    if not makes_database and not settings.database_path.is_file():
        typer.echo(f"There is no database {settings.database_path}: is --data the right folder?", err=True)
        raise typer.Exit(1)

    acting.set(OPERATOR)

    async def run() -> _T:
        async with open_service(settings) as service:
            return await work(service)

    try:
        return asyncio.run(run())
    except RtcError as e:
        typer.echo(e.message, err=True)
        raise typer.Exit(1) from e
    except SettingsError as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(1) from e
