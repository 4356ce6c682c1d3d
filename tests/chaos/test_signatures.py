"""Promises 18 and 19: what LiveKit did not sign changes nothing; clocks may differ a little, and a large difference is told."""

import asyncio
import re
from dataclasses import replace

import pytest

from tests.chaos.api_process import ApiProcess
from tests.chaos.livekit_events import Teller, joined, signer, told_again
from tests.chaos.load import listen
from tests.chaos.receiver import Receiver
from tests.chaos.waiting import until

pytestmark = [pytest.mark.chaos, pytest.mark.alone]
_REPLAYS = 100
_REFUSED = 401


async def test_18_forged_altered_expired_and_repeated_events_change_nothing(
    api: ApiProcess, teller: Teller, receiver: Receiver
) -> None:
    """Mechanisms: the token is checked, with the body's digest in it, its times and its algorithm; then the inbox's one row."""
    await api.post("/v1/rooms", {"roomId": "forged"})
    await listen(api, receiver, "participant.joined")
    sign, body = signer(api.settings), joined("forged", "ada")
    good = sign.headers(body)
    forged = {
        "altered": (body.replace(b"ada", b"eve"), good),
        "another's secret": (body, replace(sign, secret="x" * 40).headers(body)),
        "another's key": (body, replace(sign, key="somebody").headers(body)),
        "no algorithm": (body, sign.headers(body, algorithm="none")),
        "no token": (body, {"content-type": good["content-type"]}),
        "the token of another event": (body, sign.headers(joined("forged", "eve"))),
        "two minutes after its end": (body, signer(api.settings, -420).headers(body)),
        "two minutes before its beginning": (body, signer(api.settings, 120).headers(body)),
    }
    answers = {name: await teller.post(*call) for name, call in forged.items()}
    assert answers == dict.fromkeys(forged, _REFUSED)
    assert api.count("inbox") == 0
    assert set(await asyncio.gather(*(teller.post(body, good) for _ in range(_REPLAYS)))) == {200}
    await until(api.is_settled, "the event is delivered")
    assert set(await asyncio.gather(*(teller.post(body, good) for _ in range(_REPLAYS)))) == {200}
    await until(api.is_settled, "nothing waits")
    assert api.count("inbox") == 1
    assert receiver.people() == {"ada": 1}


async def test_19_a_minute_between_the_clocks_is_borne_and_ten_are_told(
    api: ApiProcess, teller: Teller
) -> None:
    """Mechanisms: LiveKit's tokens are valid for five minutes, with one of leeway; the refusal's log entry has `skew_s`."""
    await api.post("/v1/rooms", {"roomId": "clock"})

    async def tell(skew_s: float) -> int:
        body = told_again(joined("clock", f"at{skew_s}"))
        return await teller.post(body, signer(api.settings, skew_s).headers(body))

    assert [await tell(skew_s) for skew_s in (-60, 59)] == [200, 200]
    assert [await tell(skew_s) for skew_s in (-600, 600)] == [_REFUSED, _REFUSED]
    assert api.count("inbox") == 2
    logged = [int(found) for found in re.findall(r"skew_s\W+?(-?\d+)", api.log.read_text())]
    assert logged == [pytest.approx(-600, abs=60), pytest.approx(600, abs=60)]
