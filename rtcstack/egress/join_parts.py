"""The process that makes one file of parts that a worker has given up: `rtcstack join-parts FOLDER`, for a retry.

It gives way to everything else and ends with whoever started it. When the file is made and in the journal it prints nothing,
otherwise why it could not be made, as JSON (`FinishFailed`).
"""

import asyncio
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rtcstack import log
from rtcstack.background import step_back
from rtcstack.egress.dispatcher.journal import Journal, Made
from rtcstack.egress.dispatcher.uploader import hash_file
from rtcstack.egress.finish import finish, is_passing
from rtcstack.egress.finished import object_metadata
from rtcstack.egress.spool import SpoolFolder
from rtcstack.egress.zygote import FinishFailed


def main(arguments: Sequence[str]) -> int:
    """Make the file of the parts in the folder that is the first argument; return 0 also when that cannot be."""
    step_back()
    log.configure("warning", part="join-parts")
    folder = SpoolFolder(Path(arguments[0]))
    try:
        asyncio.run(_make(folder))
    except Exception as e:  # noqa: BLE001 - whoever waits gets the text, the log the rest
        traceback.print_exc()
        failed = FinishFailed(str(e), is_passing(e, folder.parts(), folder.recording))
        sys.stdout.buffer.write(msgspec.json.encode(failed))
        sys.stdout.flush()
    return 0


async def _make(folder: SpoolFolder) -> None:
    order = folder.read_order()
    out = folder.file_of(order)
    finished = finish(folder.parts(), out)
    metadata = object_metadata(order, finished, await hash_file(out))
    await Journal(folder.journal).append(Made(metadata, finished.duration_ms))
