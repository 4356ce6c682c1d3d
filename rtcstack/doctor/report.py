"""The findings for a person, and for a program."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from rtcstack import __version__
from rtcstack.doctor.finding import Finding, Level
from rtcstack.doctor.live import Live
from rtcstack.doctor.scene import Scene
from rtcstack.plural import counted

_ID_COLUMN = 21
_LEVEL_COLUMN = 9
_NARROWEST = 40


def header() -> str:
    return f"{'check':<{_ID_COLUMN}}{'':<{_LEVEL_COLUMN}}seen"


def lines(finding: Finding, width: int) -> Iterator[tuple[str, str, str]]:
    """Yield each line as its three columns, an empty one behind a problem; commands are not broken, so they can be copied."""
    room = max(_NARROWEST, width - _ID_COLUMN - _LEVEL_COLUMN)
    for number, text in enumerate(_wrapped(finding.seen, room)):
        yield (finding.id, finding.level.value, text) if not number else ("", "", text)
    if finding.level is Level.OK:
        return
    for word, told in (("cause", finding.cause), ("cure", finding.cure), ("page", finding.page)):
        label = f"{word}: "
        for number, text in enumerate(_wrapped(told, room - len(label))):
            yield "", "", (label if not number else " " * len(label)) + text
    yield "", "", ""


def columns(line: tuple[str, str, str]) -> tuple[str, str, str]:
    """Return the line with the first two columns filled up; an id that is too long keeps a space."""
    name, level, text = line
    return f"{name:<{_ID_COLUMN - 1}} ", f"{level:<{_LEVEL_COLUMN}}", text


def _wrapped(text: str, room: int) -> list[str]:
    out: list[str] = []
    for line in text.splitlines():
        is_command = line.startswith("  ")
        out += [line] if is_command else wrap(line, room, break_long_words=False, break_on_hyphens=False)
    return out


def count(findings: Sequence[Finding], level: Level) -> int:
    return sum(finding.level is level for finding in findings)


def footer(findings: Sequence[Finding], live: Live, *, asked: bool | None) -> Iterator[str]:
    """Yield the last lines: what was left out, and how it is on the whole."""
    if live.left_out and not asked:
        yield f"The live check was left out. {live.left_out}"
        yield ""
    yield summary(findings)


def summary(findings: Sequence[Finding]) -> str:
    errors, warnings = count(findings, Level.ERROR), count(findings, Level.WARNING)
    if not errors and not warnings:
        return "Everything is well."
    told = [counted(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n]
    return ", ".join(told) + "."


def as_json(scene: Scene, findings: Sequence[Finding], live: Live) -> str:
    """Return the shape of `rtcstack doctor --json` (docs/operations/doctor.md)."""
    body: dict[str, Any] = {
        "ok": not count(findings, Level.ERROR),
        "errors": count(findings, Level.ERROR),
        "warnings": count(findings, Level.WARNING),
        "version": __version__,
        "data": str(scene.settings.data),
        "running": scene.is_up,
        "live": {
            "ran": live.outcome is not None,
            "left_out": live.left_out or None,
            "steps": [asdict(step) for step in live.outcome.steps] if live.outcome else [],
        },
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(body, indent=2)
