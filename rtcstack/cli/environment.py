"""What every command does with its settings: faults end it, with words for people."""

from pathlib import Path

import typer

from rtcstack import environment
from rtcstack.environment import ENVIRON
from rtcstack.settings import Settings, SettingsError
from rtcstack.settings.model_file import check_model

__all__ = ["ENVIRON", "load_settings"]


def load_settings(data: Path | None = None, *, to_start: bool = False) -> Settings:
    """Return the settings, the data folder made absolute and free of links; faults end the command with status 2.

    `to_start` also checks what only a start needs.
    """
    try:
        settings = environment.load_settings(data)
        if to_start:
            check_model(settings.moderation)
    except SettingsError as e:
        typer.echo(f"The settings are not right:\n{e}", err=True)
        raise typer.Exit(2) from e
    return settings
