"""What a measurement gives, and how it is printed."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    """The median of `raw`, where there are several; the largest, where the target is to hold for each of them."""
    unit: str
    target: float | None = None
    """What it must stay under; with `is_floor` what it must reach."""
    beside: str = ""
    """The same by other means in the same run, and the ratio."""
    raw: list[float] = field(default_factory=list)
    is_floor: bool = False

    @property
    def bound(self) -> str:
        if self.target is None:
            return ""
        return f"{'at least ' if self.is_floor else ''}{self.target:g} {self.unit}"

    @property
    def is_reached(self) -> bool | None:
        """None where nothing was set."""
        if self.target is None:
            return None
        return self.value >= self.target if self.is_floor else self.value <= self.target


def of(
    name: str,
    raw: Sequence[float],
    unit: str,
    *,
    target: float | None = None,
    beside: str = "",
    is_floor: bool = False,
    is_largest: bool = False,
) -> Figure:
    """Make a figure of the median, or of the largest."""
    value = max(raw) if is_largest else median(raw)
    return Figure(name, value, unit, target, beside, [round(one, 4) for one in raw], is_floor)


def machine() -> str:
    """Describe the machine without naming it, and how busy it is: figures from a busy one are upper bounds."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    memory_gib = int(lines[0].split()[1]) / 2**20
    system = f"Linux {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory_gib:.0f} GiB, {system}, load {os.getloadavg()[0]:.1f} before the run"


def as_json(figures: list[Figure], ran_on: str) -> str:
    found = [{**asdict(figure), "is_reached": figure.is_reached} for figure in figures]
    out: dict[str, Any] = {"machine": ran_on, "figures": found}
    return json.dumps(out, indent=2)


def show(figures: list[Figure], ran_on: str) -> None:
    table = Table(title=f"rtcstack on {ran_on}", title_justify="left")
    for column in ("Figure", "Value", "Must be under", "Reached", "Beside", "Raw"):
        table.add_column(column, overflow="fold")
    for figure in figures:
        reached = {None: "", True: "yes", False: "NO"}[figure.is_reached]
        raw = " ".join(f"{value:g}" for value in figure.raw)
        table.add_row(
            figure.name, f"{figure.value:.3g} {figure.unit}", figure.bound, reached, figure.beside, raw
        )
    Console(width=140).print(table)
