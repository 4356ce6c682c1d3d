"""`rtcstack demo`: hold a meeting, record it, and prove the recording."""

import asyncio
import logging
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from rtcstack.cli.environment import load_settings
from rtcstack.demo.plan import MAX_PARTICIPANTS, Plan, api_url

T = TypeVar("T")


async def until_terminated(work: Coroutine[Any, Any, T]) -> T:
    """Let SIGTERM cancel the work as Ctrl-C does: what it made is taken away, its key revoked."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def demo(
    seconds: Annotated[float, typer.Option(min=2, max=3600, help="How long to record.")] = 8,
    participants: Annotated[int, typer.Option(min=1, max=MAX_PARTICIPANTS, help="How many take part.")] = 2,
    data: Annotated[Path | None, typer.Option(help="The data folder of the running appliance.")] = None,
    key: Annotated[
        str | None,
        typer.Option(envvar="RTCSTACK_DEMO_KEY", help="An API key; a temporary one is made without it."),
    ] = None,
    edge: Annotated[
        str | None,
        typer.Option(
            envvar="RTCSTACK_DEMO_EDGE",
            help="In a container: the host that answers at public addresses on loopback.",
        ),
    ] = None,
    called_back_by: Annotated[
        str | None,
        typer.Option(
            envvar="RTCSTACK_DEMO_CALLED_BACK_BY", help="In a container: the host that delivers webhooks."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as one JSON object.")] = False,
) -> None:
    """Check the running appliance: real participants meet, and the recording of it is fetched and examined."""
    from rich.console import Console

    from rtcstack.demo import report
    from rtcstack.demo.run import self_check

    logging.getLogger("livekit").setLevel(logging.CRITICAL)  # what a participant meets is told by the steps
    settings = load_settings(data)
    plan = Plan(
        api_url=api_url(settings.data, settings.api.public_url or settings.api.reachable_url),
        data=settings.data,
        bucket=settings.storage.bucket,
        seconds=seconds,
        participants=participants,
        key=key,
        edge=edge,
        called_back_by=called_back_by,
    )
    console = Console(stderr=as_json)
    try:
        outcome = asyncio.run(until_terminated(self_check(plan, lambda step: report.announce(console, step))))
    except asyncio.CancelledError as e:
        raise typer.Exit(128 + signal.SIGTERM) from e
    if as_json:
        typer.echo(report.as_json(outcome))
    else:
        report.show(console, outcome)
    if not outcome.is_ok:
        raise typer.Exit(1)
