"""Measures the running product: `scripts/bench [start|calls|first_frame|recorder|lip_sync|outputs|side_by_side|api|pages|clips|sealing|events|receiver_down …] [--json]`.

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
    outputs,
    pages,
    receiver_down,
    recorder,
    sealing,
    side_by_side,
    start,
    stop,
)
from tests.support.appliance import Appliance
from tests.support.environment import free_environment

Measure = Callable[[Appliance], Coroutine[Any, Any, list[figures.Figure]]]
_MEASURES: dict[str, Measure] = {
    "calls": calls.measure,
    "first_frame": first_frame.measure,
    "recorder": recorder.measure,
    "lip_sync": lip_sync.measure,
    "outputs": outputs.measure,
    "side_by_side": side_by_side.measure,
    "api": api.measure,
    "pages": pages.measure,
    "clips": clips.measure,
    "sealing": sealing.measure,
    "events": events.measure,
    "receiver_down": receiver_down.measure,
    "stop": stop.measure,
    "stop_long": stop.measure_long,
}
_LONG = frozenset({"stop_long"})
"""What takes many minutes: measured when it is named, or with `--full`."""
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
    names = ", ".join((_START, *_MEASURES))
    parser.add_argument("what", nargs="*", help=f"{names}; all but {', '.join(_LONG)} unless given")
    parser.add_argument("--full", action="store_true", help=f"measure {', '.join(_LONG)} too")
    parser.add_argument("--json", action="store_true", help="print raw numbers as JSON")
    given = parser.parse_args()
    known = [_START, *_MEASURES]
    usual = [name for name in known if given.full or name not in _LONG]
    if unknown := [name for name in given.what if name not in known]:
        parser.error(f"no such measurement: {', '.join(unknown)}; there are {', '.join(known)}")
    logging.getLogger("livekit").setLevel(logging.CRITICAL)  # what participants meet when a room closes
    ran_on = figures.machine()
    with tempfile.TemporaryDirectory(prefix="rtcstack-bench-") as folder:
        appliance = Appliance(Path(folder) / "data", free_environment())
        try:
            appliance.start()
            found = _measured(appliance, given.what or usual)
        finally:
            appliance.remove()
    if given.json:
        print(figures.as_json(found, ran_on))  # noqa: T201 - what it is asked for
    else:
        figures.show(found, ran_on)


if __name__ == "__main__":
    main()
