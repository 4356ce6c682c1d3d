"""`rtcstack egress`: the built-in Egress worker."""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from rtcstack.cli.environment import ENVIRON, load_settings
from rtcstack.errors import RtcError


def egress(
    data: Annotated[Path | None, typer.Option(help="The data folder; ./data unless given.")] = None,
) -> None:
    """Record rooms for the LiveKit server on the same Redis, as LiveKit's own Egress would."""
    from rtcstack import control_pipe, log
    from rtcstack.egress.dispatcher.main import run

    settings = load_settings(data)
    log.configure(settings.log.level, settings.log.style, part="egress")
    control_pipe.watch(ENVIRON, lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        status = asyncio.run(run(settings))
    except RtcError as e:
        typer.echo(e.message, err=True)
        raise typer.Exit(1) from e
    # An upload that hangs in the store has a thread that Python would wait for; its file is kept in the spool.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(status)
