"""The spool: one folder an egress, named after its id. No start ever empties it.

    {egress id}/
      request.json     what was asked for, without secrets; its presence makes the folder one of ours
      journal.jsonl    what has happened so far (dispatcher/journal.py)
      recorder.lock    locked by the recorder for as long as it lives
      part-{n}.mp4     what the recorder writes, and its spans beside it
      recording.mp4    the parts made one file, and its index

A file leaves when the store has confirmed it, the folder when LiveKit has acknowledged the end.
"""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
from pathlib import Path
from typing import Final

import msgspec

from rtcstack.egress.job import Encoding
from rtcstack.egress.source import WHOLE_ROOM, Source
from rtcstack.errors import Conflict

RECORDER_LOCK: Final = "recorder.lock"
_REQUEST: Final = "request.json"
_LOCK_POLL_S: Final = 0.02


class Order(msgspec.Struct, frozen=True):
    """One recording, as this worker understood the request. It carries no secrets."""

    egress_id: str
    room_id: str
    room_name: str
    object_key: str
    created_ns: int
    encoding: Encoding
    layout: str
    has_audio: bool
    has_video: bool
    source: Source = WHOLE_ROOM
    metadata: dict[str, str] = {}
    """For the object: what the request says."""
    has_own_store: bool = False
    """The request brought its own store and keys; they are held in memory only."""

    @property
    def storage_id(self) -> str:
        """The tenant's bucket that this goes to, whose keys the API is asked for; empty for another store."""
        return self.metadata.get("rtcstack-storage", "")

    @property
    def recording_id(self) -> str:
        return self.metadata.get("rtcstack-recording", "")


class SpoolFolder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal = path / "journal.jsonl"
        self.recording = path / "recording.mp4"
        self.index = path / "recording.mp4.index.json.gz"

    @property
    def egress_id(self) -> str:
        return self.path.name

    def parts(self) -> tuple[Path, ...]:
        """Return the parts in order; empty files are none."""
        found = [file for file in self.path.glob("part-*.mp4") if file.stat().st_size]
        return tuple(sorted(found, key=lambda file: int(file.stem.removeprefix("part-"))))

    @property
    def has_recorder_lock(self) -> bool:
        """Whether a recorder ever began to work here."""
        return (self.path / RECORDER_LOCK).exists()

    def read_order(self) -> Order:
        return msgspec.json.decode((self.path / _REQUEST).read_bytes(), type=Order)

    async def wait_for_recorder(self, patience_s: float) -> None:
        """Return when no recorder writes here any more; one that does not end in time is killed."""
        try:
            async with asyncio.timeout(patience_s):
                while not self._is_lock_free():  # noqa: ASYNC110 - the kernel tells nobody
                    await asyncio.sleep(_LOCK_POLL_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError, ValueError):
                # The lock is held, so the number in it is that of the living recorder.
                os.kill(int((self.path / RECORDER_LOCK).read_text()), signal.SIGKILL)
            while not self._is_lock_free():  # noqa: ASYNC110 - the same
                await asyncio.sleep(_LOCK_POLL_S)

    def _is_lock_free(self) -> bool:
        try:
            with (self.path / RECORDER_LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return True
        except BlockingIOError:
            return False
        return True

    def remove_media(self) -> None:
        """Remove everything but the request and the journal."""
        keep = {_REQUEST, self.journal.name}
        for file in self.path.iterdir():
            if file.name not in keep:
                file.unlink()

    def remove(self) -> None:
        shutil.rmtree(self.path)


class Spool:
    """One worker's spool; another process that opens the same one is refused."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self._lock = (path / "worker.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            self._lock.close()
            raise Conflict(f"another worker uses the spool {path}; give each worker one of its own") from e

    def close(self) -> None:
        self._lock.close()

    def free_bytes(self) -> int:
        return shutil.disk_usage(self.path).free

    def create(self, order: Order) -> SpoolFolder:
        """Make the egress's folder; the request is on the disk when this returns.

        Raises:
            Conflict: when the spool has one of that id already.
        """
        folder = SpoolFolder(self.path / order.egress_id)
        try:
            folder.path.mkdir(mode=0o700)
        except FileExistsError as e:
            raise Conflict(f"the spool already holds the egress {order.egress_id}") from e
        with (folder.path / _REQUEST).open("wb") as file:
            file.write(msgspec.json.encode(order))
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(folder.path)
        _sync_folder(self.path)
        return folder

    def folders(self) -> list[SpoolFolder]:
        """Return every egress's folder, the oldest first."""
        found = [request.parent for request in self.path.glob(f"*/{_REQUEST}") if request.stat().st_size]
        return [SpoolFolder(path) for path in sorted(found, key=lambda path: path.stat().st_ctime_ns)]


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
