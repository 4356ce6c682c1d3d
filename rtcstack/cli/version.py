"""`rtcstack version`, and `rtcstack --version`: which one this is."""

import platform
from typing import Annotated

import typer

from rtcstack import __version__, one_file


def version() -> None:
    """Tell the version, and of the one-file build what it carries."""
    carried = one_file.find_carried()
    typer.echo(f"rtcstack {__version__}")
    typer.echo(one_file.describe(carried) if carried else f"with Python {platform.python_version()}")


def _asked(value: bool) -> None:
    if value:
        version()
        raise typer.Exit


def root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_asked, is_eager=True, help="Tell the version and end.")
    ] = False,
) -> None:
    """Video rooms on your own machine, and every recording kept."""
