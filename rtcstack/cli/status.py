"""`rtcstack status`: how every part is; ends with status 0 only when all are healthy and the disks have room."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rtcstack.cli.environment import load_settings

if TYPE_CHECKING:
    from rtcstack.appliance.state import Snapshot

_COLORS = {"healthy": "green", "failed": "red", "unhealthy": "red"}


def _print_table(snapshot: "Snapshot") -> None:
    """Print a line a part, and what is wrong with it below: nothing is cut, however narrow the terminal is."""
    from rtcstack.appliance.state import as_json

    typer.echo(f"{'part':<9}{'state':<12}{'pid':<9}{'up':<10}address")
    for part in as_json(snapshot)["parts"]:
        state = typer.style(f"{part['state']:<12}", fg=_COLORS.get(part["state"], "yellow"))
        up = "" if part["uptime_s"] is None else f"{part['uptime_s']:.0f} s"
        line = f"{part['name']:<9}{state}{part['pid'] or '':<9}{up:<10}{part['address'] or ''}"
        typer.echo(line.rstrip())
        if part["note"]:
            typer.echo(f"         {part['note']}")
    typer.echo(f"\nS3 console: {snapshot.addresses['s3_console']}")


def _about_supervisor(snapshot: "Snapshot", data: Path) -> str:
    from rtcstack.appliance import hints

    pid = snapshot.supervisor_pid
    return f"The supervisor (pid {pid}) hangs, or cannot write {data}/run. To stop it all: {hints.command('down', data)}"


def _absent(data: Path) -> str:
    from rtcstack.appliance import hints, stopping

    left = ", ".join(stopping.in_order(stopping.running(data)))
    if not left:
        return f"No appliance runs on {data}."
    return f"No supervisor runs on {data}, but it left parts over: {left}. To stop them: {hints.command('down', data)}"


def status(
    data: Annotated[Path | None, typer.Option(help="The data folder; ./data unless given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how every part is; ends with status 0 only when all are healthy and the disks have room."""
    from rtcstack.appliance import free_space, state
    from rtcstack.appliance.folder import DataFolder
    from rtcstack.appliance.in_doubt import in_doubt

    settings = load_settings(data)
    snapshot = state.read(DataFolder(settings.data))
    if as_json:
        nothing = {"addresses": state.addresses(settings), "parts": []}
        typer.echo(json.dumps(nothing if snapshot is None else state.as_json(snapshot)))
    elif snapshot is not None:
        _print_table(snapshot)
    if snapshot is None:
        typer.echo(_absent(settings.data), err=True)
    elif snapshot.is_silent:
        typer.echo(_about_supervisor(snapshot, settings.data), err=True)
    full = free_space.full(settings)
    for sentence in [*full, *in_doubt(settings.database_path).sentences()]:
        typer.echo(sentence, err=True)
    if snapshot is None or not snapshot.is_healthy or full:
        raise typer.Exit(1)
