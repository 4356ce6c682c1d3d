"""Where the value of a setting comes from: for people who want to change it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Origin = Literal["environment", "file", "default"]


@dataclass(frozen=True)
class Origins:
    """Settings by their names in the environment: which of them are given there, and which in the file."""

    in_environment: frozenset[str] = frozenset()
    in_file: Mapping[str, str] = field(default_factory=dict)
    """With their names there: `api.port`."""
    file: Path | None = None

    def of(self, name: str) -> Origin:
        """Return what counts; the environment comes before the file."""
        return "environment" if name in self.in_environment else "file" if name in self.in_file else "default"

    def place(self, name: str) -> str:
        """Return what a person looks for who wants to change it: `api.port in config/rtcstack.toml`, or the name in the
        environment, which also sets what is set nowhere.
        """
        return f"{self.in_file[name]} in {self.file}" if self.of(name) == "file" else name


def origins_of(prefix: str, given: Iterable[str], tree: Mapping[str, Any], file: Path | None) -> Origins:
    """`given` are names in the environment, `tree` is what the file says."""
    return Origins(frozenset(given), dict(_names(prefix, tree)), file)


def _names(prefix: str, tree: Mapping[str, Any], section: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        yield prefix + name.upper(), section + name
        if isinstance(value, Mapping):
            yield from _names(f"{prefix}{name.upper()}__", value, f"{section}{name}.")
