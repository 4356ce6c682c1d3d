"""One recording, as `/metrics` and the logs show it."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from rtcstack.metrics.scraped import FIGURES
from tests.e2e.conftest import Caller
from tests.support.appliance import Appliance

_WAIT_S = 60
_NOT_ALWAYS = {"jobs", "job_oldest_due_seconds", "reconcile_findings"}
"""Without a job or a finding they have no series."""
Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


async def _scrape(appliance: Appliance) -> Samples:
    async with httpx.AsyncClient() as http:
        page = (await http.get(f"{appliance.url}/metrics", timeout=30)).raise_for_status().text
    families = text_string_to_metric_families(page)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def _sum(samples: Samples, name: str, **labels: str) -> float:
    return sum(value for (n, found), value in samples.items() if n == name and labels.items() <= set(found))


def _lines(appliance: Appliance) -> list[dict[str, Any]]:
    found = []
    for part in ("api", "egress"):
        text = (appliance.data / "logs" / f"{part}.log").read_text(encoding="utf-8", errors="replace")
        found += [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return found


def _about(appliance: Appliance, **ids: str) -> set[tuple[str, str]]:
    """Return part and words of the lines that have these ids."""
    return {(line["part"], line["event"]) for line in _lines(appliance) if ids.items() <= line.items()}


async def test_a_recording_moves_the_figures_and_can_be_followed_through_the_logs(
    caller: Caller, appliance: Appliance
) -> None:
    before = await _scrape(appliance)
    room = await caller.room("followed")
    await caller.join(room, 1)
    started = (
        await caller.http.post(f"/v1/rooms/{room}/recording/start", headers={"x-request-id": "my-call-1"})
    ).raise_for_status()
    assert started.headers["x-request-id"] == "my-call-1"
    await caller.until_active(room)
    async with asyncio.timeout(_WAIT_S):
        while _sum(during := await _scrape(appliance), "rtcstack_egress_frames_total") <= _sum(
            before, "rtcstack_egress_frames_total"
        ):
            await asyncio.sleep(0.2)
    assert _sum(during, "rtcstack_egress_recordings") >= 1
    assert _sum(during, "rtcstack_recordings", state="recording") >= 1
    stopped = await caller.stop(room)
    await caller.ended(stopped["egressId"])
    after = await _scrape(appliance)
    for name, labels in (
        ("rtcstack_recordings_started_total", {}),
        ("rtcstack_recordings_ended_total", {"outcome": "complete"}),
        ("rtcstack_inbox_events_total", {"kind": "egress_ended", "outcome": "applied"}),
        ("rtcstack_egress_recorder_cpu_seconds_total", {}),
    ):
        assert _sum(after, name, **labels) > _sum(before, name, **labels), name
    names = {name for name, _ in after}
    for name, figure in FIGURES.items():
        shown = f"rtcstack_{name}{'_total' if figure.kind == 'counter' else ''}"
        assert shown in names or name in _NOT_ALWAYS, name
    [listed] = await caller.recordings(room)
    await _follow(appliance, listed["recordingId"], stopped["egressId"])


async def _follow(appliance: Appliance, recording_id: str, egress_id: str) -> None:
    """Find the whole life of a recording by its id; the last lines may still be on their way to the file."""
    wanted = {
        ("api", "recording begins"),
        ("api", "LiveKit tells of an egress"),
        ("egress", "recording"),
        ("egress", "first frame"),
        ("api", "recording is to stop"),
        ("recorder", "ended"),
        ("egress", "stored"),
        ("egress", "done"),
        ("api", "recording ready"),
    }
    async with asyncio.timeout(_WAIT_S):
        while not wanted <= _about(appliance, recording_id=recording_id):
            await asyncio.sleep(0.1)
    for part, event in wanted:
        ids = {
            "recording_id": recording_id,
            "egress_id": egress_id,
            "room_id": "followed",
            "tenant": "default",
        }
        assert (part, event) in _about(appliance, **ids)
    begun = {("api", "recording begins"), ("egress", "first frame"), ("recorder", "ended")}
    assert begun <= _about(appliance, request_id="my-call-1")
    assert appliance.api_key not in str(_lines(appliance))
