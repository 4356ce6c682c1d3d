"""Scenes: what checks are given, without anything that runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rtcstack.doctor.scene import Scene, plan_of
from rtcstack.ports.doctor import DatabaseState
from rtcstack.ports.fleet import FleetCapacity
from rtcstack.ports.storage import Permissions
from rtcstack.settings.leniently import load_leniently

MakeScene = Callable[..., Scene]


class FakeOutside:
    """Foreign systems that are all well; what is given instead is returned, or raised."""

    def __init__(
        self,
        database: DatabaseState | None = None,
        store: Permissions | Exception | None = None,
        fleet: FleetCapacity | Exception | None = None,
        clocks: dict[str, float] | None = None,
    ) -> None:
        self._clocks = clocks or {}
        self._database, self._store, self._fleet = database, store, fleet

    async def database(self) -> DatabaseState | None:
        return self._database

    async def store_clocks(self) -> dict[str, float]:
        return self._clocks

    async def try_store(self) -> Permissions:
        if isinstance(self._store, Exception):
            raise self._store
        return self._store or Permissions(may_read=True, may_delete=True)

    async def capacity(self) -> FleetCapacity:
        if isinstance(self._fleet, Exception):
            raise self._fleet
        return self._fleet or FleetCapacity(())


@pytest.fixture
def make_scene(tmp_path: Path) -> MakeScene:
    """Make a scene: `make_scene({"RTCSTACK_API__PORT": "8081"}, is_apart=True)`."""

    def make(
        environ: dict[str, str] | None = None, outside: FakeOutside | None = None, **known: Any
    ) -> Scene:
        given = environ or {}
        settings, faults = load_leniently(given, data=tmp_path / "data")
        scene = {"faults": faults, **known}
        return Scene(settings, given, outside or FakeOutside(), plan_of(settings, given), **scene)

    return make
