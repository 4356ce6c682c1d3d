"""A start whose egress id LiveKit's books know, or may know."""

import pytest
from livekit.protocol.egress import EgressInfo, EgressStatus

from rtcstack.adapters.psrpc.bus import Bus
from rtcstack.adapters.psrpc.ioinfo import IOInfoClient
from rtcstack.egress.dispatcher.repeats import check_is_new
from rtcstack.errors import Conflict, PartRefused, PartUnavailable, Upstream
from rtcstack.settings import Redis


class _Books(IOInfoClient):
    """They say the same of every egress."""

    def __init__(self, said: EgressInfo | Upstream | None) -> None:
        super().__init__(Bus(Redis()))
        self._said = said

    async def find_egress(self, egress_id: str) -> EgressInfo | None:
        assert egress_id == "EG_1"
        if isinstance(self._said, Upstream):
            raise self._said
        return self._said


async def test_one_that_the_books_do_not_know_is_new() -> None:
    await check_is_new(_Books(None), "EG_1")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (EgressStatus.EGRESS_STARTING, "is being recorded by another worker"),
        (EgressStatus.EGRESS_ENDING, "is being recorded by another worker"),
        (EgressStatus.EGRESS_ABORTED, "has ended"),
    ],
)
async def test_one_that_is_in_the_books_is_somebody_elses(
    status: "EgressStatus.ValueType", told: str
) -> None:
    with pytest.raises(Conflict, match=f"egress EG_1 {told}"):
        await check_is_new(_Books(EgressInfo(egress_id="EG_1", status=status)), "EG_1")


@pytest.mark.parametrize("trouble", [PartUnavailable, PartRefused])
async def test_while_the_books_do_not_say_it_is_left_for_later(trouble: type[Upstream]) -> None:
    with pytest.raises(PartUnavailable, match="does not say whether egress EG_1 is being recorded: LOADING"):
        await check_is_new(_Books(trouble("LOADING", part="livekit")), "EG_1")
