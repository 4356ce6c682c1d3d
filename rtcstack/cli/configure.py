"""`rtcstack configure`: the first container of the compose bundle."""

from pathlib import Path
from typing import Annotated

import typer

from rtcstack.cli.environment import ENVIRON, load_settings


def configure(
    folder: Annotated[Path, typer.Argument(help="Where the parts' configuration goes.")],
    data: Annotated[Path | None, typer.Option(help="The data folder; ./data unless given.")] = None,
    redis_folder: Annotated[Path, typer.Option(help="Where Redis keeps its data.")] = Path("/data"),
    egress_folder: Annotated[
        Path | None, typer.Option(help="Where a stock livekit/egress finds its configuration, if one runs.")
    ] = None,
) -> None:
    """Make missing secrets, and write the configuration of Redis, LiveKit and MinIO for containers of their own."""
    from rtcstack.appliance import bundle, start
    from rtcstack.appliance.faults import CannotStart
    from rtcstack.appliance.folder import DataFolder

    settings = load_settings(data, to_start=True)
    DataFolder(settings.data).make()
    try:
        bundle.write(start.with_secrets(settings, ENVIRON), folder, redis_folder, egress_folder)
    except CannotStart as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(1) from e
    typer.echo(f"The configuration of the parts is in {folder}.")
