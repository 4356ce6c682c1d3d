"""`rtcstack up`: get what is missing, start everything, show where it is."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from rtcstack.cli.environment import ENVIRON, load_settings

Data = Annotated[Path | None, typer.Option(help="The data folder; ./data unless given.")]


def _terminated(_number: int, _frame: object) -> NoReturn:
    """Unwind while a part is being built: what was begun is removed, the compiler is ended."""
    raise typer.Exit(128 + signal.SIGTERM)


def _run(work: Callable[[], bool]) -> None:
    from rtcstack.appliance.faults import CannotStart

    signal.signal(signal.SIGTERM, _terminated)
    try:
        went_well = work()
    except CannotStart as e:
        typer.echo(f"\n{e}", err=True)
        raise typer.Exit(1) from e
    raise typer.Exit(0 if went_well else 1)


def up(
    data: Data = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return once it is ready; it runs on.")] = False,
    no_selfcheck: Annotated[
        bool, typer.Option("--no-selfcheck", help="Skip the first start's self-check.")
    ] = False,
) -> None:
    """Start the whole appliance, after getting what it is made of; Ctrl-C stops it."""
    from rtcstack.appliance import bring_up

    settings = load_settings(data, to_start=True)
    run = bring_up.detached if detach else bring_up.in_foreground
    _run(lambda: run(settings, ENVIRON, selfcheck=not no_selfcheck))


def supervise(data: Data = None) -> None:
    """Be the supervisor behind `up --detach`."""
    from rtcstack.appliance import bring_up

    settings = load_settings(data)

    def work() -> bool:
        bring_up.supervise_silently(settings, ENVIRON)
        return True

    _run(work)


def provision() -> None:
    """Get the parts that are not ours, without starting anything."""
    from rtcstack.appliance import provision

    settings = load_settings()

    def work() -> bool:
        found = provision.provision(settings, ENVIRON)
        typer.echo(f"redis    {found.redis}\nlivekit  {found.livekit}\nminio    {found.minio}")
        return True

    _run(work)
