"""Shows that something long is still under way: a line that lives on a terminal, one every ten seconds elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from rich.console import Console

from rtcstack.appliance.faults import CannotStart

_EVERY_S = 10.0


class Step(Protocol):
    def tick(self, note: str) -> None:
        """Say what is going on now; call it often."""
        ...


class _Line:
    def __init__(self, name: str, out: TextIO) -> None:
        self._name, self._out = name, out
        self._began = self._said = time.monotonic()

    def tick(self, note: str) -> None:
        now = time.monotonic()
        if now - self._said >= _EVERY_S:
            self._said = now
            print(f"{self._name}: {now - self._began:.0f} s, {note}", file=self._out, flush=True)


class _Spinner:
    def __init__(self, name: str, console: Console) -> None:
        self._name = name
        self._began = time.monotonic()
        self.status = console.status(name)

    def tick(self, note: str) -> None:
        elapsed = time.monotonic() - self._began
        self.status.update(f"{self._name}  [dim]{elapsed:.0f} s  {note[:60]}[/dim]")


class Progress:
    """Where progress goes; standard error unless told otherwise."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._console = Console(file=self._out, highlight=False)

    def say(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Announce a step, show that it lives, say how long it took and whether it ended in a `CannotStart`."""
        began = time.monotonic()
        self.say(f"{name} …")
        try:
            with self._alive(name) as step:
                yield step
        except CannotStart:
            self.say(f"{name}: failed after {time.monotonic() - began:.0f} s")
            raise
        self.say(f"{name}: done in {time.monotonic() - began:.0f} s")

    @contextmanager
    def _alive(self, name: str) -> Iterator[Step]:
        if self._console.is_terminal:
            spinner = _Spinner(name, self._console)
            with spinner.status:
                yield spinner
        else:
            yield _Line(name, self._out)
