"""All checks, in the order in which they are told: what explains the others comes first."""

import asyncio
from collections.abc import Callable, Sequence

from rtcstack.doctor.checks import (
    addresses,
    clock,
    config,
    database,
    disk,
    limits,
    machine,
    parts,
    pending,
    ports,
    secrets,
    store,
    versions,
)
from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Finding
from rtcstack.doctor.scene import Scene

LIVE = "live.recording"
FAMILIES: tuple[Family, ...] = (
    config.FAMILY,
    versions.FAMILY,
    machine.FAMILY,
    disk.FAMILY,
    limits.FAMILY,
    clock.FAMILY,
    secrets.FAMILY,
    ports.FAMILY,
    addresses.FAMILY,
    parts.FAMILY,
    database.FAMILY,
    store.FAMILY,
    pending.FAMILY,
)
IDS: tuple[str, ...] = (*(name for family in FAMILIES for name in family.ids), LIVE)
Watch = Callable[[Finding], None]


async def examine(
    scene: Scene, watch: Watch = lambda _: None, families: Sequence[Family] = FAMILIES
) -> list[Finding]:
    """Return what every static check says; `watch` is told of each as soon as those before it are known."""
    looking = [asyncio.ensure_future(family.findings(scene)) for family in families]
    found: list[Finding] = []
    try:
        for family in looking:
            for finding in await family:
                watch(finding)
                found.append(finding)
    finally:
        for family in looking:
            family.cancel()
    return found
