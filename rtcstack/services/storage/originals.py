"""What `storage move` has left behind: written down before the recording is switched, so that a kill forgets nothing."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from rtcstack.errors import Conflict
from rtcstack.ports.storage import Location


class Original(msgspec.Struct, frozen=True):
    recording_id: str
    storage_id: str | None
    """Where the objects lie that may be deleted once the recording is elsewhere."""
    objects: list[Location]


class Originals:
    """One file a tenant, one line a recording; a line that a kill tore in two is dropped: its recording was not switched."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Raises `Conflict` while another process moves recordings of this tenant."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._file.with_suffix(".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as e:
                raise Conflict(
                    "Recordings of this tenant are being moved already.", code="move_running"
                ) from e
            yield

    def add(self, original: Original) -> None:
        with self._file.open("ab") as out:
            out.write(b"\n" + msgspec.json.encode(original) + b"\n")
            out.flush()
            os.fsync(out.fileno())

    def read(self) -> list[Original]:
        found = []
        lines = self._file.read_bytes().splitlines() if self._file.exists() else []
        for line in lines:
            try:
                found.append(msgspec.json.decode(line, type=Original))
            except msgspec.DecodeError:
                continue
        return found

    def write(self, left: Sequence[Original]) -> None:
        """Put these in the place of all."""
        if not left:
            self._file.unlink(missing_ok=True)
            return
        draft = self._file.with_suffix(".draft")
        draft.write_bytes(b"".join(msgspec.json.encode(original) + b"\n" for original in left))
        draft.replace(self._file)
