"""Measures the running product: `scripts/bench [start|calls|first_frame|recorder|lip_sync|side_by_side|api|clips|sealing|events|receiver_down …] [--json]`.

Brings up an appliance of its own on free ports and a data folder that is removed afterwards; nothing of a running
one is touched. Publishers and measuring run in this process, the product's figures are those of its own processes.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from tests.bench import (
    api,
    calls,
    clips,
    events,
    figures,
    first_frame,
    lip_sync,
    receiver_down,
    recorder,
    sealing,
    side_by_side,
    start,
)
from tests.support.appliance import Appliance
from tests.support.environment import free_environment

Measure = Callable[[Appliance], Coroutine[Any, Any, list[figures.Figure]]]
_MEASURES: dict[str, Measure] = {
    "calls": calls.measure,
    "first_frame": first_frame.measure,
    "recorder": recorder.measure,
    "lip_sync": lip_sync.measure,
    "side_by_side": side_by_side.measure,
    "api": api.measure,
    "clips": clips.measure,
    "sealing": sealing.measure,
    "events": events.measure,
    "receiver_down": receiver_down.measure,
}
_START = "start"


def _measured(appliance: Appliance, names: list[str]) -> list[figures.Figure]:
    found = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)  # noqa: T201 - a program for people
        if name == _START:
            found += start.measure(appliance)
        else:
            found += asyncio.run(_MEASURES[name](appliance))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure the product.")
    parser.add_argument("what", nargs="*", help=f"{_START}, {', '.join(_MEASURES)}; all of them unless given")
    parser.add_argument("--json", action="store_true", help="print raw numbers as JSON")
    given = parser.parse_args()
    known = [_START, *_MEASURES]
    if unknown := [name for name in given.what if name not in known]:
        parser.error(f"no such measurement: {', '.join(unknown)}; there are {', '.join(known)}")
    logging.getLogger("livekit").setLevel(logging.CRITICAL)  # what participants meet when a room closes
    ran_on = figures.machine()
    with tempfile.TemporaryDirectory(prefix="rtcstack-bench-") as folder:
        appliance = Appliance(Path(folder) / "data", free_environment())
        try:
            appliance.start()
            found = _measured(appliance, given.what or known)
        finally:
            appliance.remove()
    if given.json:
        print(figures.as_json(found, ran_on))  # noqa: T201
    else:
        figures.show(found, ran_on)


if __name__ == "__main__":
    main()
