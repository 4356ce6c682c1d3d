"""What a check says: how it is, what was seen, and where something is wrong its cause and its cure."""

from dataclasses import dataclass
from enum import StrEnum

_PAGE = "docs/operations/doctor.md"


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It works, and will not always, or not for everybody."""
    ERROR = "error"
    """Something does not work, or is not safe."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`cure` is what to type or to set, word for word; its lines that begin with two spaces are commands."""

    level: Level
    seen: str
    cause: str = ""
    cure: str = ""
    page: str = ""
    """A page that says more than the doctor's own."""


def fine(seen: str) -> Verdict:
    return Verdict(Level.OK, seen)


def doubtful(seen: str, *, cause: str, cure: str, page: str = "") -> Verdict:
    return Verdict(Level.WARNING, seen, cause, cure, page)


def wrong(seen: str, *, cause: str, cure: str, page: str = "") -> Verdict:
    return Verdict(Level.ERROR, seen, cause, cure, page)


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict with the id of the check that came to it, `family.check`: stable, to be matched on."""

    id: str
    level: Level
    seen: str
    cause: str
    cure: str
    page: str

    @classmethod
    def of(cls, check: str, verdict: Verdict) -> "Finding":
        family = check.partition(".")[0]
        page = verdict.page or f"{_PAGE}#{family}"
        return cls(check, verdict.level, verdict.seen, verdict.cause, verdict.cure, page)
