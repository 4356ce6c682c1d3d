"""What the supervisor has to know of a part: data, so that a test can supervise any command."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rtcstack.appliance.stopping import StopRule
from rtcstack.settings.origins import Origins

Check = Callable[[], Awaitable[None]]
"""Returns when the part answers, raises `Unhealthy` (or does not return in time) when it does not."""


class Unhealthy(Exception):
    """The part does not answer as it should; the message says how."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port that the part listens on, and the setting that asked for it.

    `place` is where that stands, for a person who wants to change it.
    """

    number: int
    setting: str
    host: str = "127.0.0.1"
    protocol: Literal["tcp", "udp"] = "tcp"
    place: str = ""


def port_of(
    origins: Origins, number: int, setting: str, host: str, protocol: Literal["tcp", "udp"] = "tcp"
) -> Port:
    return Port(number, setting, host, protocol, origins.place(setting))


@dataclass(frozen=True, slots=True)
class Part:
    """One process (and what it starts) that the supervisor looks after."""

    name: str
    argv: tuple[str, ...]
    check: Check
    address: str = ""
    """Where it answers, as a URL; empty when nobody calls it."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """All of its environment, not additions to ours."""
    files: Mapping[Path, str] = field(default_factory=dict)
    """Written before every start, readable by the owner alone."""
    folders: tuple[Path, ...] = ()
    """Made before every start."""
    ports: tuple[Port, ...] = ()
    after: tuple[str, ...] = ()
    """Parts that have to be healthy before this one is started for the first time."""
    needs: tuple[str, ...] = ()
    """Parts without which it can do nothing: it is neither blamed for their trouble nor started again during it."""
    takes_control_pipe: bool = False
    stop: StopRule = field(default_factory=StopRule)
