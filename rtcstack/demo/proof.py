"""What the self-check looks at once the recording is over: event, list entry, object, and what is in it."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from rtcstack.demo import inspect, verdict
from rtcstack.demo.client import Client, fetch
from rtcstack.demo.receiver import Receiver
from rtcstack.demo.step import Check, StepFailed

EVERY_PICTURE = "30 frames a second"
"""The step that fails alone where the recording is whole, and the machine could not keep up."""
_ENDED_WITHIN_S = 60
_ENDED_KEYS = {"event", "egressId", "roomId", "file", "duration", "size"}


async def await_ended(check: Check, receiver: Receiver, room_id: str, egress_id: str) -> dict[str, Any]:
    """Return the `egress_ended` of this egress, shaped as document 004 has it; raises StepFailed."""
    with check.step("egress_ended received, signature verified") as step:
        look = f"{check.log_of('api')} and {check.log_of('egress')}"
        wanted = f"egress_ended of {egress_id} within {_ENDED_WITHIN_S} s"
        try:
            ended = await receiver.wait_for(_ENDED_WITHIN_S, event="egress_ended", egressId=egress_id)
        except TimeoutError:
            seen = f"{len(receiver.received)} other events, refused: {receiver.rejected or 'none'}"
            raise StepFailed(expected=wanted, seen=seen, look=look) from None
        if set(ended) != _ENDED_KEYS or ended["roomId"] != room_id or not ended["file"]:
            raise StepFailed(expected=f"{wanted} with a file of {room_id}", seen=str(ended), look=look)
        step.result = f"{ended['file']}, {ended['duration']} s, {ended['size']} bytes"
        check.outcome.object_uri = f"s3://{check.plan.bucket}/{ended['file']}"
    return ended


async def find_link(check: Check, api: Client, room_id: str, ended: dict[str, Any]) -> str:
    """Return the link to the recording that the event speaks of, listed with the same facts; raises StepFailed."""
    with check.step("Recording listed with a link") as step:
        page = await api.call("GET", f"/v1/rooms/{room_id}/recordings")
        found: dict[str, Any] = next((entry for entry in page if entry["egressId"] == ended["egressId"]), {})
        url = found.get("downloadUrl")
        if not url or any(found.get(name) != ended[name] for name in ("file", "size", "duration")):
            wanted = f"the recording as its event has it ({ended}), with a downloadUrl"
            raise StepFailed(expected=wanted, seen=str(page)[:600], look=check.log_of("api"))
        step.result = str(found["recordingId"])
        check.outcome.download_url = url
    return str(url)


async def examine(check: Check, url: str, duration_s: float, ended: dict[str, Any]) -> None:
    """Fetch the object and hold everything in it against what was recorded; raises StepFailed."""
    people = list(range(check.plan.participants))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recording.mp4"
        with check.step("Object fetched through the link") as step:
            there, headers = check.plan.reached(url)
            file.write_bytes(await fetch(there, check.log_of("minio"), headers))
            step.result = f"{file.stat().st_size} bytes"
        with check.step("File opened and decoded"):
            facts = await asyncio.to_thread(_inspected, check, file, people)
    check.outcome.measured |= {
        "recorded_s": duration_s,
        "file_s": facts.duration_s,
        "file_bytes": facts.size_bytes,
    }
    expected = verdict.Expected(people, duration_s, int(ended["size"]))
    _hold(check, "Both streams, 1280x720", verdict.stream_faults(facts, expected))
    _hold(check, "Duration and size", verdict.length_faults(facts, expected), f"{facts.duration_s:.2f} s")
    _hold(check, "Picture of every participant", verdict.picture_faults(facts, expected))
    _hold(check, "Tone of every participant", verdict.tone_faults(facts, expected))
    # Last: alone it only says that the machine was busy.
    _hold(check, EVERY_PICTURE, verdict.rate_faults(facts, expected))


def _inspected(check: Check, file: Path, people: list[int]) -> inspect.Inspection:
    try:
        return inspect.inspect(file, people)
    except inspect.InspectionError as e:
        raise StepFailed(expected="a file that plays", seen=str(e), look=check.log_of("egress")) from e


def _hold(check: Check, title: str, faults: list[str], result: str = "") -> None:
    with check.step(title) as step:
        if faults:
            wanted = title[0].lower() + title[1:]
            raise StepFailed(expected=wanted, seen=" ".join(faults), look=check.log_of("egress"))
        step.result = result
