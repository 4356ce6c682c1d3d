"""The steps of the self-check, as they are reported."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from rtcstack.demo.plan import Plan


class StepFailed(Exception):
    """A step did not come out as it should: what was expected, what was seen, and where to look."""

    def __init__(self, *, expected: str, seen: str, look: str) -> None:
        super().__init__(f"Expected {expected}; seen: {seen.rstrip('.')}. Look at {look}.")
        self.expected, self.seen, self.look = expected, seen, look


@dataclass(slots=True)
class Step:
    title: str
    is_ok: bool = False
    took_s: float = 0.0
    result: str = ""
    """What came out of it, in a few words; the failure's sentence when it failed."""


@dataclass(slots=True)
class Outcome:
    """What the self-check found; `is_ok` when every step is."""

    steps: list[Step] = field(default_factory=list)
    room_id: str = ""
    object_uri: str = ""
    download_url: str = ""
    measured: dict[str, float] = field(default_factory=dict)
    """Raw figures by name, the unit at the end of each."""

    @property
    def is_ok(self) -> bool:
        return bool(self.steps) and all(step.is_ok for step in self.steps)

    def as_json(self) -> dict[str, Any]:
        return {"ok": self.is_ok, **asdict(self)}

    @contextmanager
    def step(self, title: str, watch: Callable[[Step], None] = lambda _: None) -> Iterator[Step]:
        """Time a step; a StepFailed inside it becomes its result and goes on outwards. `watch` sees it end."""
        step = Step(title)
        self.steps.append(step)
        began = time.monotonic()
        try:
            yield step
            step.is_ok = True
        except StepFailed as e:
            step.result = str(e)
            raise
        except BaseException as e:
            step.result = f"{type(e).__name__}: {e}"
            raise
        finally:
            step.took_s = time.monotonic() - began
            watch(step)


Watch = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One self-check under way: what every one of its steps needs."""

    plan: Plan
    outcome: Outcome
    watch: Watch

    def step(self, title: str) -> AbstractContextManager[Step]:
        return self.outcome.step(title, self.watch)

    def log_of(self, part: str) -> str:
        return str(self.plan.data / "logs" / f"{part}.log")
