import base64
import json
import time
from datetime import UTC, datetime

import aiohttp
import pytest
from standardwebhooks import Webhook

from rtcstack.demo.receiver import Receiver, SignatureError, own_address, verify
from rtcstack.demo.step import StepFailed

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdefghijklmnopqrstuv").decode()
OTHER = "whsec_" + base64.b64encode(b"another secret of the same length").decode()
BODY = json.dumps({"event": "egress_ended", "egressId": "EG_1"}).encode()


def _signed(at: datetime, secret: str = SECRET, body: bytes = BODY) -> dict[str, str]:
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }


NOW = datetime.fromtimestamp(1_790_000_000, UTC)


def test_what_standard_webhooks_signs_is_accepted() -> None:
    verify(SECRET, _signed(NOW), BODY, NOW.timestamp() + 10)


def test_one_of_several_signatures_is_enough() -> None:
    headers = _signed(NOW)
    headers["webhook-signature"] = "v1,AAAA " + headers["webhook-signature"]
    verify(SECRET, headers, BODY, NOW.timestamp())


@pytest.mark.parametrize("age_s", [-301, 301])
def test_an_old_or_future_delivery_is_refused(age_s: int) -> None:
    with pytest.raises(SignatureError, match="timestamp"):
        verify(SECRET, _signed(NOW), BODY, NOW.timestamp() + age_s)


def test_another_secret_or_body_is_refused() -> None:
    with pytest.raises(SignatureError, match="fits"):
        verify(OTHER, _signed(NOW), BODY, NOW.timestamp())
    with pytest.raises(SignatureError, match="fits"):
        verify(SECRET, _signed(NOW), BODY + b" ", NOW.timestamp())


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_refused(name: str) -> None:
    headers = _signed(NOW)
    del headers[name]
    with pytest.raises(SignatureError, match=name):
        verify(SECRET, headers, BODY, NOW.timestamp())


async def test_a_delivery_is_taken_once_the_secret_is_known() -> None:
    headers = _signed(datetime.fromtimestamp(time.time(), UTC))
    async with Receiver() as receiver, aiohttp.ClientSession() as session:
        early = await session.post(receiver.url, data=BODY, headers=headers)
        receiver.secret = OTHER
        forged = await session.post(receiver.url, data=BODY, headers=headers)
        receiver.secret = SECRET
        good = await session.post(receiver.url, data=BODY, headers=headers)
        assert (early.status, forged.status, good.status) == (503, 401, 204)
        assert len(receiver.rejected) == 1
        event = await receiver.wait_for(1, event="egress_ended", egressId="EG_1")
        assert event == json.loads(BODY)
        with pytest.raises(TimeoutError):
            await receiver.wait_for(0.05, egressId="EG_2")


def test_webhooks_are_received_where_their_sender_comes_from() -> None:
    assert own_address(None) == "127.0.0.1"
    assert own_address("127.0.0.1") == "127.0.0.1"
    with pytest.raises(StepFailed, match="which delivers webhooks"):
        own_address("x" * 64)  # too long for a name: nobody is asked for it
