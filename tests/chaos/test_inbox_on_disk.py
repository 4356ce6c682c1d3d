"""Promise 2, as the system sees it: the disk has been told of an event, and has said so, before LiveKit is answered."""

from pathlib import Path

import pytest

from tests.chaos.api_process import ApiProcess
from tests.chaos.livekit_events import Teller, joined
from tests.chaos.system_calls import answers, traced
from tests.chaos.waiting import until

pytestmark = [pytest.mark.chaos, pytest.mark.alone]
_EVENTS = 5


async def test_02_the_disk_has_an_event_before_livekit_is_answered(
    stopped_api: ApiProcess, teller: Teller, tmp_path: Path
) -> None:
    """Mechanisms: `synchronous=FULL`, so that a commit returns when the disk has it; `Inbox.take` awaits the commit."""
    api, log = stopped_api, tmp_path / "calls"
    api.through = traced(log)
    await api.start()
    await api.post("/v1/rooms", {"roomId": "disk"})
    for n in range(_EVENTS):
        await until(api.is_settled, "what the event before led to is written")
        assert await teller.tell(joined("disk", f"person-{n}")) == 200

    async def is_written_down() -> bool:
        return len(answers(log)) == _EVENTS

    await until(is_written_down, "strace has told of every answer")
    assert answers(log) == [True] * _EVENTS
