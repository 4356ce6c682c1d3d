"""`rtcstack doctor`: what is wrong with this installation, why, and what to do."""

import asyncio
import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rtcstack.cli.access import AsJson, Data
from rtcstack.cli.environment import ENVIRON

if TYPE_CHECKING:
    from rtcstack.doctor.finding import Finding
    from rtcstack.doctor.live import Live
    from rtcstack.doctor.scene import Scene
    from rtcstack.settings import Settings
    from rtcstack.settings.loading import Fault

_COLORS = {"ok": "green", "warning": "yellow", "error": "red"}
_WIDEST = 120
_AS_WHOM = "Run it as the user whom the appliance runs as, or as root."


def doctor(
    data: Data = None,
    as_json: AsJson = False,
    live: Annotated[
        bool | None,
        typer.Option(
            "--live/--no-live",
            help="Make a recording of ten seconds as well; if the appliance runs, unless given.",
        ),
    ] = None,
) -> None:
    """Look at everything that may be wrong with this installation; of each thing its cause and its cure.

    Ends with status 1 if there are errors; warnings alone are 0.
    """
    from rtcstack.doctor import report
    from rtcstack.doctor.finding import Level

    logging.getLogger("livekit").setLevel(logging.CRITICAL)  # what a participant meets is told by the steps
    settings, faults = _settings(data)
    try:
        scene, findings, told = asyncio.run(_examine(settings, faults, live=live, is_quiet=as_json))
    except PermissionError as e:
        typer.echo(f"{e}\n{_AS_WHOM}", err=True)
        raise typer.Exit(1) from e
    if as_json:
        typer.echo(report.as_json(scene, findings, told))
    else:
        typer.echo("\n".join(["", *report.footer(findings, told, asked=live)]))
    if report.count(findings, Level.ERROR):
        raise typer.Exit(1)


def _settings(data: Path | None) -> "tuple[Settings, tuple[Fault, ...]]":
    """Return the settings without what is wrong in them: that is among the findings, and ends nothing here."""
    from rtcstack.settings import SettingsError
    from rtcstack.settings.leniently import load_leniently

    try:
        settings, faults = load_leniently(ENVIRON, data=data)
    except SettingsError as e:
        typer.echo(f"{e}\n{_AS_WHOM}", err=True)
        raise typer.Exit(1) from e
    return settings.model_copy(update={"data": settings.data.expanduser().resolve()}), faults


async def _examine(
    settings: "Settings", faults: "tuple[Fault, ...]", *, live: bool | None, is_quiet: bool
) -> "tuple[Scene, list[Finding], Live]":
    from rich.console import Console

    from rtcstack.bootstrap_doctor import open_scene
    from rtcstack.cli.demo import until_terminated
    from rtcstack.demo.report import announce
    from rtcstack.doctor import report
    from rtcstack.doctor.live import Live, judge, record, why_not
    from rtcstack.doctor.registry import examine

    watch = (lambda _: None) if is_quiet else _show
    scene = await open_scene(settings, ENVIRON, faults)
    if not is_quiet:
        typer.echo(report.header())
    findings = await examine(scene, watch)
    left_out = why_not(scene, asked=live)
    told = Live(left_out=left_out)
    if not left_out:
        if not is_quiet:
            typer.echo(f"\nNow a recording of {scene.plan.seconds:.0f} s, end to end …")
        told = await until_terminated(
            record(scene, lambda step: None if is_quiet else announce(Console(), step))
        )
    for finding in judge(scene, told, findings, asked=live):
        watch(finding)
        findings.append(finding)
    return scene, findings, told


def _show(finding: "Finding") -> None:
    from rtcstack.doctor import report

    width = min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns)
    for line in report.lines(finding, width):
        name, level, text = report.columns(line)
        shown = typer.style(level, fg=_COLORS[level.strip()]) if level.strip() else level
        typer.echo(f"{name}{shown}{text}".rstrip())
