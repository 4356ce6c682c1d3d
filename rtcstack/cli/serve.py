"""`rtcstack serve`: the API process and its workers."""

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from rtcstack.cli.environment import ENVIRON, load_settings

Data = Annotated[Path | None, typer.Option(help="The data folder; ./data unless given.")]
_DRAIN_S = 8


def serve(data: Data = None) -> None:
    """Run the API process: REST surfaces, LiveKit's hook, workers."""
    import uvicorn

    from rtcstack import control_pipe, log
    from rtcstack.app import create_app

    settings = load_settings(data, to_start=True)
    log.configure(settings.log.level, settings.log.style, part="api")
    config = uvicorn.Config(
        create_app(settings),
        host=settings.api.host,
        port=settings.api.port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_S,
    )
    control_pipe.watch(ENVIRON, lambda: os.kill(os.getpid(), signal.SIGTERM))
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        raise typer.Exit(3)
