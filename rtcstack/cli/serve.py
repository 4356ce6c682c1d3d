"""`rtcstack serve`: the API process and its workers."""

import os
import signal
import socket
import sys
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
    from rtcstack.api.connections import BoundedConnection
    from rtcstack.app import create_app

    settings = load_settings(data, to_start=True)
    log.configure(settings.log.level, settings.log.style, part="api")
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.api.host,
        port=settings.api.port,
        loop="uvloop",
        http=BoundedConnection,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whom a call comes from is settled in `api/edge.py`, by the setting for trusted proxies
        timeout_graceful_shutdown=_DRAIN_S,
    )
    control_pipe.watch(ENVIRON, lambda: os.kill(os.getpid(), signal.SIGTERM))

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.state.streams.close()  # it waits for every answer, and the dashboard's streams have no end
            await super().shutdown(sockets)

    server = Server(config)
    # uvicorn raises the signal once more when it has stopped: that is a stop in order, and exit status 0.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.run()
    if not server.started:
        raise typer.Exit(3)
