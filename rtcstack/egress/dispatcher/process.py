"""The worker's process: `rtcstack egress-worker [DATA]`, which `rtcstack egress` becomes and the supervisor starts."""

import asyncio
import ctypes
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

from rtcstack import control_pipe, log
from rtcstack.egress.dispatcher.nursery import Nursery
from rtcstack.egress.zygote import Forked
from rtcstack.errors import RtcError

_M_MMAP_THRESHOLD: Final = -3
_LARGE_BYTES: Final = 1024 * 1024


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM or SIGINT, with the data folder that is the first argument; return the exit status."""
    signal.signal(
        signal.SIGINT, signal.SIG_DFL
    )  # until `run` handles it: nothing is lost, and nobody wants a traceback
    zygote = Forked()
    _give_large_blocks_back()
    _leave_out_administration()
    # Imported while the zygote imports its own: after a crash people wait in their room for both. The collector would
    # look through all that is imported again and again, a fifth of the time.
    gc.disable()
    from rtcstack.egress.dispatcher.main import run  # noqa: PLC0415 - as the lines above say
    from rtcstack.environment import ENVIRON, load_settings  # noqa: PLC0415 - the same
    from rtcstack.settings import SettingsError  # noqa: PLC0415 - the same

    gc.enable()
    try:
        settings = load_settings(Path(arguments[0]) if arguments else None)
    except SettingsError as e:
        sys.stderr.write(f"The settings are not right:\n{e}\n")
        return 2
    log.configure(settings.log.level, settings.log.style, part="egress")
    nursery = Nursery(settings.log.level, settings.log.style, zygote)
    control_pipe.watch(ENVIRON, lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        status = asyncio.run(run(settings, nursery))
    except RtcError as e:
        sys.stderr.write(f"{e.message}\n")
        status = 1
    # An upload that hangs in the store has a thread that Python would wait for; its file is kept in the spool.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(status)


def _leave_out_administration() -> None:
    """Spare the worker what minio loads with itself to administer servers, argon2 and a library of ciphers: 2.4 MB."""
    name = "minio.minioadmin"
    sys.modules[name] = left_out = ModuleType(name)
    vars(left_out)["MinioAdmin"] = None  # all that minio imports of it, and nothing here asks for


def _give_large_blocks_back() -> None:
    """Have the memory of an upload's parts go back to the system with each of them.

    Left alone, glibc learns from the first one that is freed to keep as much for the next (mallopt(3), M_MMAP_THRESHOLD).
    """
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):  # there is none but glibc's
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
