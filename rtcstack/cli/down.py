"""`rtcstack down`: stop the appliance and wait until nothing of it is left."""

from pathlib import Path
from typing import Annotated

import typer

from rtcstack.cli.environment import load_settings


def down(
    data: Annotated[Path | None, typer.Option(help="The data folder; ./data unless given.")] = None,
) -> None:
    """Stop the appliance: recordings are finished and their events delivered first."""
    from rtcstack.appliance.parts import stop_plan
    from rtcstack.appliance.take_down import take_down

    plan = stop_plan(load_settings(data))
    stopped = take_down(plan, typer.echo)
    typer.echo("Stopped." if stopped else f"No appliance runs on {plan.data}.")
