"""Promises 3, 4 and 5: what LiveKit tells late, often, in any order or not at all ends the same, and is told once."""

import asyncio
import json
import os
import random
import signal
from collections import Counter
from collections.abc import Callable

import pytest

from tests.chaos.api_process import ApiProcess
from tests.chaos.counts import Counts
from tests.chaos.livekit_events import Teller, joined
from tests.chaos.load import listen
from tests.chaos.receiver import Receiver
from tests.chaos.relay import Relay
from tests.chaos.waiting import until
from tests.integration.egress.dispatcher.harness import WorkerProcess
from tests.support.single_part import SinglePart

pytestmark = [pytest.mark.chaos, pytest.mark.alone]
_TOLD = ("recording.started", "recording.complete", "recording.failed", "egress_ended")


async def _record(api: ApiProcess, room: str) -> str:
    """Start a recording, and return its egress id once the worker has it."""
    await api.post("/v1/rooms", {"roomId": room})
    return str((await api.post(f"/v1/rooms/{room}/recording/start", {}))["egressId"])


async def _state(api: ApiProcess, room: str) -> str:
    return str((await api.get(f"/v1/rooms/{room}/recordings"))[0]["status"])


async def _until_ready(api: ApiProcess, room: str) -> None:
    async def is_ready() -> bool:
        return await _state(api, room) == "ready" and await api.is_settled()

    await until(is_ready, f"the recording is ready; it is {await _state(api, room)}")


def _times_told(receiver: Receiver) -> Counter[str]:
    return Counter({name: len(receiver.events(name)) for name in _TOLD if receiver.events(name)})


async def test_03_a_recording_that_ends_while_the_api_is_down_is_told_once(
    api: ApiProcess,
    relay: Relay,
    worker: WorkerProcess,
    livekit_server: SinglePart,
    receiver: Receiver,
    counts: Counts,
    figure: Callable[[str], None],
) -> None:
    """Mechanism: `CatchUp` asks LiveKit. Its own webhooks are gone: whoever had them in memory is killed."""
    relay.target = api.url
    await listen(api, receiver, *_TOLD)
    egress_id = await _record(api, "late")
    await until(receiver.has_one_of("recording.started"), "the recording's start is told")
    api.kill()
    relay.target = None
    await relay.stop_egress(egress_id)
    await worker.wait_until_empty()
    os.kill(livekit_server.pid, signal.SIGKILL)
    await asyncio.to_thread(livekit_server.stop)
    await asyncio.sleep(counts.api_down_s)
    await asyncio.to_thread(livekit_server.start)
    passed_on = [event for event in relay.passed_on if event["event"] == "egress_ended"]
    relay.target = api.url
    await api.start()
    await _until_ready(api, "late")
    assert passed_on == []
    assert _times_told(receiver) == {"recording.started": 1, "recording.complete": 1, "egress_ended": 1}
    figure(f"3: the API down for {counts.api_down_s} s: of LiveKit's egress_ended 0 arrived, of ours 1")


async def test_04_shuffled_repeats_of_every_event_are_told_once(
    api: ApiProcess,
    relay: Relay,
    worker: WorkerProcess,
    teller: Teller,
    receiver: Receiver,
    counts: Counts,
    rng: random.Random,
) -> None:
    """Mechanisms: one row in the inbox for what an event says, whatever its id, and the state machine behind it."""
    del worker  # only has to run
    await listen(api, receiver, *_TOLD, "participant.joined")
    story = await relay.whole_story(await _record(api, "again"))
    repeats = [*story, joined("again", "ada")] * counts.duplicates
    rng.shuffle(repeats)
    assert set(await asyncio.gather(*map(teller.tell, repeats))) == {200}
    await _until_ready(api, "again")
    assert receiver.people() == {"ada": 1}
    assert api.count("inbox") == len({_fact(body) for body in story}) + 1
    times = _times_told(receiver)
    assert times.pop("recording.started", 1) == 1  # nobody is told of a start after the end
    assert times == {"recording.complete": 1, "egress_ended": 1}


def _fact(body: bytes) -> tuple[str, ...]:
    """What an event says: repeats carry fresh ids (spec/livekit-facts.md)."""
    event = json.loads(body)
    info = event["egressInfo"]
    return event["event"], info.get("status", "EGRESS_STARTING"), info.get("updatedAt", "")


async def test_05_a_recording_never_goes_backwards(
    api: ApiProcess, relay: Relay, worker: WorkerProcess, teller: Teller, receiver: Receiver
) -> None:
    """Mechanisms: the rank of an egress's status (`parts.advance_part`), and `can_advance` of the recording."""
    del worker  # only has to run
    await listen(api, receiver, *_TOLD)
    egress_id = await _record(api, "back")
    told = await relay.whole_story(egress_id)
    for body in reversed(told):
        assert await teller.tell(body) == 200
        await until(api.is_settled, "the event is applied")
        assert await _state(api, "back") in {"processing", "ready"}
        assert await api.get("/v1/rooms/back/recording") == {"active": False}
    await _until_ready(api, "back")
    part = f"SELECT status FROM recording_parts WHERE egress_id = '{egress_id}'"
    assert api.ask(part) == [("complete",)]
    times = _times_told(receiver)
    assert (times["recording.complete"], times["egress_ended"], times["recording.failed"]) == (1, 1, 0)
