"""Webhooks are verified as the field's own library does it, which signs them here."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from rtcstack.client import WebhookReceiver, WebhookRefused
from rtcstack.client.models.clips import Clip
from rtcstack.client.models.webhooks import EgressEnded

_NEW = "whsec_" + base64.b64encode(b"n" * 32).decode()
_OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()
_ENDED: dict[str, Any] = {
    "event": "egress_ended",
    "egressId": "EG_abc123",
    "roomId": "room-abc",
    "file": "room-abc/2024-04-21T10-00-00.mp4",
    "duration": 3600,
    "size": 512_000_000,
}


def _sent(body: str, *secrets: str, age: timedelta = timedelta()) -> dict[str, str]:
    at = datetime.fromtimestamp(int(datetime.now(tz=UTC).timestamp()), tz=UTC) - age  # noqa: TID251  # the signer's own clock
    signed = " ".join(Webhook(secret).sign("evt_1", at, body) for secret in secrets)
    return {
        "Webhook-Id": "evt_1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": signed,
    }


def test_what_was_signed_is_read() -> None:
    body = json.dumps(_ENDED)
    event = WebhookReceiver(_NEW).verify(body.encode(), _sent(body, _NEW))
    assert (event.id, event.event, event.body) == ("evt_1", "egress_ended", _ENDED)
    ended = event.read(EgressEnded)
    assert (ended.egress_id, ended.duration, ended.error) == ("EG_abc123", 3600, None)


def test_the_data_of_an_envelope_is_read() -> None:
    clip = {
        "clip_id": "clip_1",
        "recording_id": "rec_1",
        "label": "key-moment",
        "start_seconds": 1,
        "end_seconds": 2.5,
        "status": "a word of a later version",
        "bucket_path": None,
        "created_at": "2025-04-05T11:00:00.000Z",
        "completed_at": None,
        "metadata": {},
    }
    body = json.dumps(
        {"event": "clip.ready", "id": "evt_1", "timestamp": "2025-04-05T11:00:00Z", "data": clip}
    )
    read = WebhookReceiver(_NEW).verify(body, _sent(body, _NEW)).read(Clip)
    assert (read.clip_id, read.end_seconds, read.created_at.year) == ("clip_1", 2.5, 2025)


@pytest.mark.parametrize("known", [(_NEW,), (_OLD,), (_NEW, _OLD)])
def test_during_a_rotation_either_secret_will_do(known: tuple[str, ...]) -> None:
    body = json.dumps(_ENDED)
    assert WebhookReceiver(*known).verify(body, _sent(body, _NEW, _OLD)).id == "evt_1"


@pytest.mark.parametrize("signer", [_NEW, _OLD])
def test_a_receiver_with_both_secrets_takes_what_either_has_signed(signer: str) -> None:
    body = json.dumps(_ENDED)
    assert WebhookReceiver(_NEW, _OLD).verify(body, _sent(body, signer)).id == "evt_1"


@pytest.mark.parametrize(
    "change",
    [
        {"Webhook-Signature": ""},
        {"Webhook-Signature": "v1,"},
        {"Webhook-Signature": "v1,not base64!"},
        {"Webhook-Signature": "v2,AAAA"},
        {"Webhook-Signature": "v1,ä"},
        {"Webhook-Id": "\udcff"},
        {"Webhook-Timestamp": "9" * 400},
        {"Webhook-Timestamp": "9" * 5000},
        {"Webhook-Id": "evt_2"},
        {"Webhook-Timestamp": "1e9"},
        {"Webhook-Timestamp": ""},
    ],
)
def test_a_changed_header_is_refused(change: dict[str, str]) -> None:
    body = json.dumps(_ENDED)
    with pytest.raises(WebhookRefused):
        WebhookReceiver(_NEW).verify(body, {**_sent(body, _NEW), **change})


def test_a_missing_header_a_changed_body_and_a_foreign_secret_are_refused() -> None:
    body = json.dumps(_ENDED)
    headers = _sent(body, _OLD)
    for given, content in (({}, body), (headers, body), (_sent(body, _NEW), f"{body} ")):
        with pytest.raises(WebhookRefused):
            WebhookReceiver(_NEW).verify(content, given)


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_what_was_sent_long_ago_is_refused(age: timedelta) -> None:
    body = json.dumps(_ENDED)
    with pytest.raises(WebhookRefused, match="five minutes"):
        WebhookReceiver(_NEW).verify(body, _sent(body, _NEW, age=age))


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        ("whsec_", "its key has 0 bytes"),
        (_NEW.removeprefix("whsec_"), "begins with whsec_"),
        (_NEW[:-1], "is no base64"),
        (f"{_NEW} {_OLD}", "is no base64"),
        ("whsec_ä", "is no base64"),
        ("whsec_" + base64.b64encode(b"n" * 23).decode(), "its key has 23 bytes"),
        ("whsec_" + base64.b64encode(b"n" * 65).decode(), "its key has 65 bytes"),
    ],
)
def test_what_is_no_secret_is_refused_in_words_that_do_not_repeat_it(secret: str, words: str) -> None:
    for given in ((secret,), (_NEW, secret)):
        with pytest.raises(ValueError, match=words) as caught:
            WebhookReceiver(*given)
        assert "bm5u" not in str(caught.value)  # how the key begins


@pytest.mark.parametrize("size_bytes", [24, 32, 64])
def test_every_secret_that_the_specification_allows_is_taken(size_bytes: int) -> None:
    secret = "whsec_" + base64.b64encode(b"k" * size_bytes).decode()
    body = json.dumps(_ENDED)
    event = WebhookReceiver(f"{secret}\n").verify(body, _sent(body, secret))  # as it stands in a file
    assert event.id == "evt_1"
