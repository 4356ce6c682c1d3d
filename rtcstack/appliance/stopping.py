"""Stops the parts in the order of LiveKit's own flow of facts, and leaves no process behind.

The Egress worker finishes its files, its updates reach LiveKit, LiveKit's webhooks reach the API, the API delivers its
own; only then may the rest go. The supervisor, the warden and the next start after a crash all use this one sequence,
so it is plain and synchronous, and finds processes by their marker (`rtcstack/appliance/marker.py`).
"""

import contextlib
import json
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rtcstack.appliance import drain, marker

ORDER = ("egress", "api", "livekit", "minio", "redis")
"""Anything else stops before them."""
_LOOK_EVERY_S = 0.2
_KILLED_WITHIN_S = 10.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StopRule:
    """SIGTERM, a second one after `again_after_s` (None: never), SIGKILL after `kill_after_s` more."""

    again_after_s: float | None = None
    kill_after_s: float = 10.0


@dataclass(frozen=True, slots=True)
class StopPlan:
    """All that the sequence needs to know; travels to the warden as JSON."""

    data: Path
    database: Path
    rules: dict[str, StopRule]

    def to_json(self) -> str:
        rules = {name: asdict(rule) for name, rule in self.rules.items()}
        return json.dumps({"data": str(self.data), "database": str(self.database), "rules": rules})

    @classmethod
    def from_json(cls, text: str) -> "StopPlan":
        plain = json.loads(text)
        rules = {name: StopRule(**rule) for name, rule in plain["rules"].items()}
        return cls(Path(plain["data"]), Path(plain["database"]), rules)


@contextlib.contextmanager
def _found(data: Path, name: str) -> Iterator[list[marker.Process]]:
    everything = marker.processes(data)
    try:
        yield [process for process in everything if process.part == name]
    finally:
        for process in everything:
            process.close()


def _send(data: Path, name: str, number: signal.Signals) -> None:
    with _found(data, name) as found:
        for process in found if number == signal.SIGKILL else marker.roots(found):
            process.send(number)


def _wait_gone(data: Path, name: str, timeout_s: float, hurry: threading.Event | None = None) -> bool:
    """Whether every process of the part is gone within the time; `hurry` ends the wait."""
    deadline = time.monotonic() + timeout_s
    while True:
        with _found(data, name) as found:
            if not found:
                return True
            left_s = deadline - time.monotonic()
            if left_s <= 0 or (hurry is not None and hurry.is_set()):
                return False
            poll = select.poll()
            for process in found:
                poll.register(process.pidfd, select.POLLIN)
            poll.poll(min(left_s, _LOOK_EVERY_S) * 1000)


def stop_part(data: Path, name: str, rule: StopRule, hurry: threading.Event | None = None) -> bool:
    """Stop one part with all that it started; return whether it went without SIGKILL."""
    _send(data, name, signal.SIGTERM)
    if rule.again_after_s is not None:
        if _wait_gone(data, name, rule.again_after_s, hurry):
            return True
        _send(data, name, signal.SIGTERM)
    if _wait_gone(data, name, rule.kill_after_s):
        return True
    _send(data, name, signal.SIGKILL)
    _wait_gone(data, name, _KILLED_WITHIN_S)
    return False


def running(data: Path) -> set[str]:
    """Return the names of the parts that have a process."""
    found = marker.processes(data)
    for process in found:
        process.close()
    return {process.part for process in found}


def _in_order(names: set[str]) -> list[str]:
    return sorted(names - set(ORDER)) + [name for name in ORDER if name in names]


def stop_all(plan: StopPlan, say: Say, hurry: threading.Event | None = None) -> None:
    """Stop every part that runs, in order; look again at the end for what was started meanwhile."""
    while names := running(plan.data):
        for name in _in_order(names):
            if name == "api":
                drain.wait(plan.database, lambda: "api" in running(plan.data), say, hurry)
            began = time.monotonic()
            went = stop_part(plan.data, name, plan.rules.get(name, StopRule()), hurry)
            how = "stopped" if went else "killed, it did not stop when asked"
            say(f"{name}: {how} ({time.monotonic() - began:.1f} s)")
