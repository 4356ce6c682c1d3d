"""The spool: one folder an egress, named after its id. No start ever empties it.

    {egress id}/
      request.json     what was asked for, without secrets; its presence makes the folder one of ours
      journal.jsonl    what has happened so far (dispatcher/journal.py)
      recorder.lock    locked by the recorder for as long as it lives
      part-{n}.mp4     what the recorder writes, and its spans beside it
      recording.mp4    the parts made one file, and its index
      side.jsonl       segments and images, which lie in folders of their own (ledger.py)

A file leaves when the store has confirmed it, the folder when LiveKit has acknowledged the end. It is called
`{egress id}.removed` then: what is left of one that was not removed to the end, the next start removes.
"""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Final

import msgspec

from rtcstack.disk import sync
from rtcstack.domain.room import parse_livekit_name
from rtcstack.egress.job import SPANS, Encoding
from rtcstack.egress.ledger import NAME as _LEDGER
from rtcstack.egress.ledger import Ledger
from rtcstack.egress.outputs import Outputs
from rtcstack.egress.source import WHOLE_ROOM, Source
from rtcstack.errors import Conflict

RECORDER_LOCK: Final = "recorder.lock"
_REQUEST: Final = "request.json"
_LOCK_POLL_S: Final = 0.02
REMOVED: Final = ".removed"
"""No egress id has a dot."""


class Order(msgspec.Struct, frozen=True):
    """One recording, as this worker understood the request. It carries no secrets."""

    egress_id: str
    room_id: str
    room_name: str
    object_key: str
    """The file's; empty when the outputs have none."""
    created_ns: int
    encoding: Encoding
    layout: str
    has_audio: bool
    has_video: bool
    source: Source = WHOLE_ROOM
    outputs: Outputs = Outputs()
    track: dict[str, str] = {}
    """What the room knew of the track that this is about: `track_type`, `track_source`, `publisher_identity`."""
    metadata: dict[str, str] = {}
    """For the objects: what the request says."""
    has_own_store: bool = False
    """The request brought its own store and keys; they are held in memory only."""

    @property
    def storage_id(self) -> str:
        """The tenant's bucket that this goes to, whose keys the API is asked for; empty for another store."""
        return self.metadata.get("rtcstack-storage", "")

    @property
    def recording_id(self) -> str:
        return self.metadata.get("rtcstack-recording", "")

    @property
    def about(self) -> dict[str, str]:
        """What log lines say of it; the API puts the ids into the request's metadata."""
        _, room_id = parse_livekit_name(self.room_name)
        return {
            "egress_id": self.egress_id,
            "room_id": room_id,
            "tenant": self.metadata.get("rtcstack-tenant", ""),
            "recording_id": self.recording_id,
            "request_id": self.metadata.get("rtcstack-request", ""),
        }


class SpoolFolder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal = path / "journal.jsonl"
        self.recording = path / "recording.mp4"
        self.index = path / "recording.mp4.index.json.gz"

    @property
    def egress_id(self) -> str:
        return self.path.name

    def file_of(self, order: Order) -> Path:
        """Return where the parts are made the order's file."""
        return self.recording.with_suffix(f".{order.outputs.file}")

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.path)

    def has_media(self) -> bool:
        """Whether anything lies here that the store has not confirmed."""
        return bool(self.parts()) or self.ledger.has_files()

    def parts(self) -> tuple[Path, ...]:
        """Return the parts in order; empty files are none."""
        return tuple(file for file in self.begun_parts() if file.stat().st_size)

    def begun_parts(self) -> tuple[Path, ...]:
        """Return the parts in order, also those whose file is empty: of an egress without a file all are."""
        return tuple(sorted(self.path.glob("part-*.mp4"), key=_number))

    def next_part(self) -> int:
        """Return the number of the part that is to be written next."""
        return max((_number(file) for file in self.path.glob("part-*.mp4")), default=0) + 1

    def last_sign_s(self) -> float:
        """Return the wall time of a recorder's last sign of life here: it touches its file every second."""
        files = [*self.path.glob("part-*.mp4"), self.path / RECORDER_LOCK, self.path / _REQUEST]
        return max((file.stat().st_mtime for file in files if file.exists()), default=0.0)

    @property
    def has_recorder_lock(self) -> bool:
        """Whether a recorder ever began to work here."""
        return (self.path / RECORDER_LOCK).exists()

    def forget_recorder(self) -> None:
        """Let the next recorder be the first one; the one before has to be gone."""
        (self.path / RECORDER_LOCK).unlink(missing_ok=True)

    def age_s(self) -> float:
        """Return how long ago the request came; 0 if the folder is gone."""
        try:
            return max(0.0, time.time() - (self.path / _REQUEST).stat().st_mtime)
        except FileNotFoundError:
            return 0.0

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
        """Remove everything but the request, the journal, and what names the files beside the recording: their list and the spans."""
        keep = {_REQUEST, self.journal.name, _LEDGER}
        for file in self.path.iterdir():
            if file.is_dir():
                shutil.rmtree(file)
            elif file.name not in keep and not file.name.endswith(SPANS):
                file.unlink()

    def remove(self) -> None:
        removed = self.path.rename(self.path.with_name(self.path.name + REMOVED))
        with contextlib.suppress(FileNotFoundError):  # the start of a worker removes it just now
            shutil.rmtree(removed)


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
        for removed in path.glob(f"*{REMOVED}"):
            shutil.rmtree(removed, ignore_errors=True)

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
        sync(folder.path)
        sync(self.path)
        return folder

    def folders(self) -> list[SpoolFolder]:
        """Return every egress's folder, the oldest first."""
        return spool_folders(self.path)


def spool_folders(spool: Path) -> list[SpoolFolder]:
    """Return every egress's folder, the oldest first, also of a spool that another process works in: what vanishes
    meanwhile is left out.
    """
    found = []
    for request in spool.glob(f"*/{_REQUEST}"):
        if request.parent.suffix == REMOVED:
            continue
        with contextlib.suppress(FileNotFoundError):
            if request.stat().st_size:
                found.append((request.parent.stat().st_ctime_ns, request.parent))
    return [SpoolFolder(path) for _, path in sorted(found)]


def _number(part: Path) -> int:
    return int(part.stem.removeprefix("part-"))
