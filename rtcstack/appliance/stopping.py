"""Stops the parts in the order of LiveKit's own flow of facts, and leaves no process behind.

The Egress worker finishes its files, its updates reach LiveKit, LiveKit's webhooks reach the API, the API delivers its
own; only then may the rest go. The supervisor, the warden and the next start after a crash all use this one sequence,
so it is plain and synchronous, and finds processes by their marker (`rtcstack/appliance/marker.py`).
"""

import contextlib
import json
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rtcstack.appliance import drain, marker

ORDER = ("egress", "api", "livekit", "minio", "redis")
"""Anything else stops before them."""
_LOOK_EVERY_S = 0.2
_KILLED_WITHIN_S = 10.0
_WITHOUT_STORE_S = 20.0
_STORE_ANSWERS_WITHIN_S = 3.0
_STORE_KEEPS_FREE = 0.01
"""MinIO refuses what would leave less of its disk than this (`hasSpaceFor`)."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StopRule:
    """SIGTERM, a second one after `again_after_s` (None: never), SIGKILL after `kill_after_s` more."""

    again_after_s: float | None = None
    kill_after_s: float = 10.0

    @property
    def longest_s(self) -> float:
        return (self.again_after_s or 0.0) + self.kill_after_s


@dataclass(frozen=True, slots=True)
class StopPlan:
    """All that the sequence needs to know; travels to the warden as JSON."""

    data: Path
    database: Path
    rules: dict[str, StopRule]
    store: tuple[str, int] = ("127.0.0.1", 9000)
    """Host and port of MinIO."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> "StopPlan":
        plain = json.loads(text)
        rules = {name: StopRule(**rule) for name, rule in plain["rules"].items()}
        host, port = plain["store"]
        return cls(Path(plain["data"]), Path(plain["database"]), rules, (host, port))

    def rule(self, name: str, *, has_store: bool = True) -> StopRule:
        """Return how a part is stopped: without a store that takes them, uploads are not worth a long wait."""
        rule = self.rules.get(name, StopRule())
        if rule.again_after_s is not None and not has_store and name == "egress":
            return replace(rule, again_after_s=min(rule.again_after_s, _WITHOUT_STORE_S))
        return rule

    def longest_s(self, name: str, *, has_store: bool) -> float:
        """Return how long the end of a part may take, before it is killed."""
        return self.rule(name, has_store=has_store).longest_s + (drain.TIMEOUT_S if name == "api" else 0)

    def lack_of_store(self, names: set[str]) -> str:
        """Return why the Egress worker among `names` can upload nothing, empty if it can or none is there.

        Nobody starts MinIO again during a stop, or makes room on its disk.
        """
        fault = self._store_fault(names) if "egress" in names else ""
        return fault and (
            f"minio {fault}: what cannot be uploaded within {_WITHOUT_STORE_S:.0f} s is kept in the spool "
            "for the next start"
        )

    def _store_fault(self, names: set[str]) -> str:
        if "minio" not in names:
            return "does not run"
        place = next(folder for folder in (self.data / "objects", self.data) if folder.exists())
        disk = os.statvfs(place)
        if disk.f_bavail < disk.f_blocks * _STORE_KEEPS_FREE:
            return "has no space left"
        return "" if _answers(*self.store) else "does not answer"


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=_STORE_ANSWERS_WITHIN_S) as connection:
            connection.sendall(b"GET /minio/health/ready HTTP/1.0\r\nHost: minio\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


@contextlib.contextmanager
def _found(data: Path, name: str) -> Iterator[list[marker.Process]]:
    everything = marker.processes(data)
    try:
        yield [process for process in everything if process.part == name]
    finally:
        for process in everything:
            process.close()


def _ask(found: list[marker.Process], asked: set[int]) -> None:
    """Send SIGTERM to whoever has no parent in the part and was not asked yet: an orphan gets its turn as well."""
    for process in marker.roots(found):
        if process.pid not in asked:
            asked.add(process.pid)
            process.send(signal.SIGTERM)


def _end(data: Path, name: str, timeout_s: float, hurry: threading.Event | None = None) -> bool:
    """Ask every process of the part to end; whether all did within the time. `hurry` ends the wait."""
    deadline = time.monotonic() + timeout_s
    asked: set[int] = set()
    while True:
        with _found(data, name) as found:
            if not found:
                return True
            _ask(found, asked)
            left_s = deadline - time.monotonic()
            if left_s <= 0 or (hurry is not None and hurry.is_set()):
                return False
            _wait_for_any(found, min(left_s, _LOOK_EVERY_S))


def _wait_for_any(found: list[marker.Process], timeout_s: float) -> None:
    poll = select.poll()
    for process in found:
        poll.register(process.pidfd, select.POLLIN)
    poll.poll(timeout_s * 1000)


def _kill(data: Path, name: str) -> None:
    deadline = time.monotonic() + _KILLED_WITHIN_S
    while time.monotonic() < deadline:
        with _found(data, name) as found:
            if not found:
                return
            for process in found:
                process.send(signal.SIGKILL)
            _wait_for_any(found, _LOOK_EVERY_S)


def stop_part(data: Path, name: str, rule: StopRule, hurry: threading.Event | None = None) -> bool:
    """Stop one part with all that it started; return whether it went without SIGKILL."""
    if rule.again_after_s is not None and _end(data, name, rule.again_after_s, hurry):
        return True
    if _end(data, name, rule.kill_after_s):
        return True
    _kill(data, name)
    return False


def running(data: Path) -> set[str]:
    """Return the names of the parts that have a process."""
    found = marker.processes(data)
    for process in found:
        process.close()
    return {process.part for process in found}


def in_order(names: set[str]) -> list[str]:
    """Return the names in the order in which the parts are stopped."""
    return sorted(names - set(ORDER)) + [name for name in ORDER if name in names]


def stop_all(
    plan: StopPlan,
    say: Say,
    hurry: threading.Event | None = None,
    stopped: Callable[[str], None] | None = None,
) -> None:
    """Stop every part that runs, in order; look again at the end for what was started meanwhile.

    `stopped` is told each part's name when nothing of it is left.
    """
    while names := running(plan.data):
        if lack := plan.lack_of_store(names):
            say(lack)
        for name in in_order(names):
            if name == "api":
                drain.wait(plan.database, lambda: "api" in running(plan.data), say, hurry)
            began = time.monotonic()
            went = stop_part(plan.data, name, plan.rule(name, has_store=not lack), hurry)
            how = "stopped" if went else "killed, it did not stop when asked"
            say(f"{name}: {how} ({time.monotonic() - began:.1f} s)")
            if stopped:
                stopped(name)
