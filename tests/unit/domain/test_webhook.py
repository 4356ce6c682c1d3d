import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from rtcstack.domain.webhook import (
    ROTATION_MS,
    Endpoint,
    EndpointStatus,
    EventName,
    check_url_text,
    new_secret,
    request_headers,
    sign,
)
from rtcstack.errors import Invalid

_URL = "https://customer.example/hook"


def _endpoint(**fields: object) -> Endpoint:
    given_fields = {"id": "whk_1", "tenant_id": "t", "url": _URL, "events": (), "secret": "s", **fields}
    return Endpoint(created_at_ms=1, **given_fields)  # type: ignore[arg-type]  # any of its fields


@given(st.binary(max_size=2000))
def test_signatures_are_those_of_the_standard_webhooks_package(body: bytes) -> None:
    secret, at_s = new_secret(), 1_700_000_000
    text = body.decode("latin-1")
    theirs = Webhook(secret).sign("evt_1", datetime.fromtimestamp(at_s, UTC), text)
    assert sign(secret, "evt_1", at_s, text.encode()) == theirs


def test_a_receiver_with_the_package_accepts_what_we_send_under_either_secret() -> None:
    new, old, now_s = new_secret(), new_secret(), int(time.time())
    body = json.dumps({"event": "egress_ended"}).encode()
    signatures = " ".join(sign(secret, "evt_1", now_s, body) for secret in (new, old))
    headers = request_headers("evt_1", now_s, signatures)
    for secret in (new, old):
        assert Webhook(secret).verify(body, headers) == {"event": "egress_ended"}
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(new_secret()).verify(body, headers)


def test_secrets_are_as_long_as_the_standard_asks() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(secret.startswith("whsec_") and len(secret) == 6 + 44 for secret in secrets)


@pytest.mark.parametrize(
    ("events", "rooms", "event", "room_id", "wanted"),
    [
        ((), (), EventName.EGRESS_ENDED, "r", True),
        ((), (), EventName.WEBHOOK_DISABLED, None, True),
        (("egress_ended",), (), EventName.EGRESS_ENDED, "r", True),
        (("egress_ended",), (), EventName.HALL_CLOSED, "r", False),
        ((), ("r",), EventName.EGRESS_ENDED, "r", True),
        ((), ("r",), EventName.EGRESS_ENDED, "r2", False),
        ((), ("r",), EventName.WEBHOOK_DISABLED, None, False),
        (("hall.closed",), ("r",), EventName.EGRESS_ENDED, "r", False),
    ],
)
def test_an_endpoint_gets_what_passes_both_filters(
    events: tuple[str, ...], rooms: tuple[str, ...], event: str, room_id: str | None, wanted: bool
) -> None:
    assert _endpoint(events=events, rooms=rooms).wants(event, room_id) is wanted


def test_disabled_is_more_than_paused() -> None:
    assert _endpoint().status is EndpointStatus.ACTIVE
    assert _endpoint(paused_at_ms=1).status is EndpointStatus.PAUSED
    assert _endpoint(paused_at_ms=1, disabled_at_ms=1).status is EndpointStatus.DISABLED


def test_the_old_secret_counts_for_a_day() -> None:
    endpoint = _endpoint(old_secret="o", rotation_until_ms=1000 + ROTATION_MS)
    assert endpoint.sealed_secrets(1000 + ROTATION_MS - 1) == [("secret", "s"), ("old_secret", "o")]
    assert endpoint.sealed_secrets(1000 + ROTATION_MS) == [("secret", "s")]
    assert "'s'" not in repr(endpoint)


@pytest.mark.parametrize(
    "url",
    [
        "", "nonsense", "ftp://a.example/", "file:///etc/passwd", "https://", "http:///x", "//a.example/", "javascript:1",
        "https://u:p@a.example/", "https://u@a.example/", "https://@a.example/", "https://a.example/#f", "https://a.example/#",
        "https://a.example/ x", "https://a.example/\n", "\thttps://a.example/", "https://a\\@b.example/", "https://a.example:0/",
        "https://a.example:99999/", "https://a.example:x/", "https://[::1/", "https://münchen.example/", "https://a.example/\0",
        "https://a.example/" + "x" * 10_240,
    ],
)  # fmt: skip
def test_addresses_that_cannot_be_an_endpoint_are_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_url_text(url)
    assert (refused.value.word, refused.value.details["field"]) == ("invalid_webhook_url", "url")


@pytest.mark.parametrize(
    "url",
    [_URL, "http://a.example", "https://a.example:8443/x?y=z&a=%20", "https://[2606:4700::1111]/", "HTTPS://A.EXAMPLE/"],
)  # fmt: skip
def test_plain_addresses_are_taken(url: str) -> None:
    check_url_text(url)


@given(st.text(max_size=60))
def test_no_text_breaks_the_check_of_addresses(text: str) -> None:
    for url in (text, f"https://{text}", f"https://a.example/{text}"):
        try:
            check_url_text(url)
        except Invalid:
            continue
        assert url.isascii()
        assert url.isprintable()
