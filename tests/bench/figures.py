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
    """The median of `raw`, where there are several."""
    unit: str
    target: float | None = None
    """What it must stay under."""
    beside: str = ""
    """The same by other means in the same run, and the ratio."""
    raw: list[float] = field(default_factory=list)


def of(
    name: str, raw: Sequence[float], unit: str, *, target: float | None = None, beside: str = ""
) -> Figure:
    return Figure(name, median(raw), unit, target, beside, [round(value, 4) for value in raw])


def machine() -> str:
    """Describe the machine without naming it, and how busy it is: figures from a busy one are upper bounds."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    memory_gib = int(lines[0].split()[1]) / 2**20
    system = f"Linux {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory_gib:.0f} GiB, {system}, load {os.getloadavg()[0]:.1f} before the run"


def as_json(figures: list[Figure], ran_on: str) -> str:
    out: dict[str, Any] = {"machine": ran_on, "figures": [asdict(figure) for figure in figures]}
    return json.dumps(out, indent=2)


def show(figures: list[Figure], ran_on: str) -> None:
    table = Table(title=f"rtcstack on {ran_on}", title_justify="left")
    for column in ("Figure", "Median", "Must be under", "Beside", "Raw"):
        table.add_column(column, overflow="fold")
    for figure in figures:
        target = "" if figure.target is None else f"{figure.target:g} {figure.unit}"
        raw = " ".join(f"{value:g}" for value in figure.raw)
        table.add_row(figure.name, f"{figure.value:.3g} {figure.unit}", target, figure.beside, raw)
    Console(width=140).print(table)
