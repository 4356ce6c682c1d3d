"""`rtcstack status`: how every part is; ends with status 0 only when all are healthy."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rtcstack.cli.environment import load_settings

if TYPE_CHECKING:
    from rtcstack.appliance.state import Snapshot

_COLORS = {"healthy": "green", "failed": "red", "unhealthy": "red"}


def _print_table(snapshot: "Snapshot") -> None:
    from rich.console import Console  # noqa: PLC0415 - heavy; the help text comes faster without
    from rich.table import Table  # noqa: PLC0415

    from rtcstack.appliance.state import as_json  # noqa: PLC0415

    table = Table("part", "state", "pid", "up", "address", "", box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for part in as_json(snapshot)["parts"]:
        color = _COLORS.get(part["state"], "yellow")
        up = "" if part["uptime_s"] is None else f"{part['uptime_s']:.0f} s"
        row = (part["name"], f"[{color}]{part['state']}[/{color}]", str(part["pid"] or ""), up)
        table.add_row(*row, part["address"] or "", part["note"] or "")
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    console.print(f"\nS3 console: {snapshot.addresses['s3_console']}", markup=False)


def status(
    data: Annotated[Path | None, typer.Option(help="The data folder; ./data unless given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how every part is; ends with status 0 only when all are healthy."""
    from rtcstack.appliance import state  # noqa: PLC0415 - heavy
    from rtcstack.appliance.folder import DataFolder  # noqa: PLC0415

    settings = load_settings(data)
    snapshot = state.read(DataFolder(settings.data))
    if as_json:
        nothing = {"addresses": state.addresses(settings), "parts": []}
        typer.echo(json.dumps(nothing if snapshot is None else state.as_json(snapshot)))
    elif snapshot is not None:
        _print_table(snapshot)
    if snapshot is None:
        typer.echo(f"No appliance runs on {settings.data}.", err=True)
    if snapshot is None or not snapshot.is_healthy:
        raise typer.Exit(1)
