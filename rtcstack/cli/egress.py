"""`rtcstack egress`: the built-in Egress worker."""

import os
from pathlib import Path
from typing import Annotated

import typer

from rtcstack.spawn import spawn_argv


def egress(
    data: Annotated[Path | None, typer.Option(help="The data folder; ./data unless given.")] = None,
) -> None:
    """Record rooms for the LiveKit server on the same Redis, as LiveKit's own Egress would."""
    # The worker takes this process's place: for as long as it runs it would hold the command line in its memory.
    argv = spawn_argv("egress-worker", *([] if data is None else [str(data)]))
    os.execv(argv[0], argv)  # noqa: S606 - our own command
