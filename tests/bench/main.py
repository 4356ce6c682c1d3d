"""Measures the running product: `scripts/bench [NAME …] [--full] [--minutes N] [--json]`.

`egress` stands for all of the recorder's measurements, `--minutes` says how long the one of an hour is to be.

Brings up an appliance of its own on free ports and a data folder that is removed afterwards; nothing of a running
one is touched. Publishers and measuring run in this process, the product's figures are those of its own processes.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Callable, Coroutine
from functools import partial
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
    lip_sync_loss,
    long,
    microphones,
    outputs,
    pages,
    parts,
    playable,
    quality,
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
    "microphones": microphones.measure,
    "lip_sync": lip_sync.measure,
    "lip_sync_loss": lip_sync_loss.measure,
    "long": long.measure,
    "quality": quality.measure,
    "outputs": outputs.measure,
    "side_by_side": side_by_side.measure,
    "many": side_by_side.measure_many,
    "promised": side_by_side.measure_promised,
    "parts": parts.measure,
    "saved": parts.measure_saved,
    "api": api.measure,
    "pages": pages.measure,
    "playable": playable.measure,
    "clips": clips.measure,
    "sealing": sealing.measure,
    "events": events.measure,
    "receiver_down": receiver_down.measure,
    "stop": stop.measure,
    "stop_long": stop.measure_long,
}
_LONG = frozenset({"stop_long", "long"})
"""What takes many minutes: measured when it is named, or with `--full`."""
_log = logging.getLogger(__name__)
_START = "start"
NAMES = (_START, *_MEASURES)
GROUPS = {
    "events": ("events", "receiver_down"),
    "egress": (
        "recorder",
        "quality",
        "microphones",
        "calls",
        "first_frame",
        "stop",
        "many",
        "promised",
        "side_by_side",
        "saved",
        "parts",
        "lip_sync",
        "lip_sync_loss",
        "stop_long",
        "long",
    ),
}
"""Names that stand for several: `egress` is what the built-in worker has to reach, `events` what becomes of events."""


def _measured(
    appliance: Appliance, names: list[str], measures: dict[str, Measure]
) -> tuple[list[figures.Figure], list[str]]:
    """Return the figures, and the names of what could not be measured: the others are not lost with it."""
    found, failed = [], []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)  # noqa: T201 - a program for people
        try:
            made = start.measure(appliance) if name == _START else asyncio.run(measures[name](appliance))
        except Exception:  # noqa: BLE001 - whatever it is: the other figures are not lost with it
            _log.exception("%s could not be measured", name)
            failed.append(name)
        else:
            found += made
            print("\n".join(map(str, made)), file=sys.stderr, flush=True)  # noqa: T201 - also if the rest is broken off
    return found, failed


def _chosen(given: list[str], *, is_full: bool) -> list[str]:
    """Return the measurements that are meant, each once; what takes long only where it is named itself."""
    meant = [one for name in given or NAMES for one in GROUPS.get(name, (name,))]
    return [name for name in dict.fromkeys(meant) if is_full or name in given or name not in _LONG]


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure the product.")
    known = [*NAMES, *GROUPS]
    parser.add_argument(
        "what", nargs="*", help=f"{', '.join(known)}; all but {', '.join(_LONG)} unless given"
    )
    parser.add_argument("--full", action="store_true", help=f"measure {', '.join(_LONG)} too")
    parser.add_argument("--minutes", type=int, default=long.MINUTES, help="how many minutes `long` records")
    parser.add_argument("--json", action="store_true", help="print raw numbers as JSON")
    given = parser.parse_args()
    if unknown := [name for name in given.what if name not in known]:
        parser.error(f"no such measurement: {', '.join(unknown)}; there are {', '.join(known)}")
    logging.getLogger("livekit").setLevel(logging.CRITICAL)  # what participants meet when a room closes
    ran_on = figures.machine()
    with tempfile.TemporaryDirectory(prefix="rtcstack-bench-") as folder:
        appliance = Appliance(Path(folder) / "data", free_environment())
        try:
            appliance.start()
            chosen = _chosen(given.what, is_full=given.full)
            measures = _MEASURES | {"long": partial(long.measure, minutes=given.minutes)}
            found, failed = _measured(appliance, chosen, measures)
        finally:
            appliance.remove()
    if given.json:
        print(figures.as_json(found, ran_on))  # noqa: T201 - what it is asked for
    else:
        figures.show(found, ran_on)
    if failed:
        sys.exit(f"could not be measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
