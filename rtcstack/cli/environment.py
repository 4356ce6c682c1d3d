"""Where the command line meets the process's environment."""

import os
from collections.abc import Mapping
from pathlib import Path

import typer

from rtcstack import settings as tree
from rtcstack.settings.model_file import check_model

ENVIRON: Mapping[str, str] = os.environ  # noqa: TID251 - the one place where the process's environment is taken


def load_settings(data: Path | None = None, *, to_start: bool = False) -> tree.Settings:
    """Return the settings, the data folder made absolute and free of links; faults end the command with status 2.

    `to_start` also checks what only a start needs.
    """
    try:
        settings = tree.load(ENVIRON, data=data)
        if to_start:
            check_model(settings.moderation)
    except tree.SettingsError as e:
        typer.echo(f"The settings are not right:\n{e}", err=True)
        raise typer.Exit(2) from e
    return settings.model_copy(update={"data": settings.data.expanduser().resolve()})
