"""Endpoints: made, changed, paused, rotated, deleted."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from rtcstack.domain.delivery import Attempt
from rtcstack.domain.webhook import EndpointStatus
from rtcstack.errors import Invalid, WebhookNotFound
from rtcstack.services.webhooks import WebhookChange
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.outgoing import put, states

_URL = "https://customer.example/hook"


async def test_a_change_leaves_the_rest_as_it_is(world: World) -> None:
    made, _ = await world.webhooks.create(TENANT, _URL, ["egress_ended"], ["r"])
    world.clock.advance(5)
    changed = await world.webhooks.change(TENANT, made.id, WebhookChange(events=["clip.ready", "clip.ready"]))
    assert (changed.url, changed.events, changed.rooms) == (_URL, ("clip.ready",), ("r",))
    assert changed.updated_at_ms == made.updated_at_ms + 5000
    assert await world.webhooks.get(TENANT, made.id) == changed
    everything = await world.webhooks.change(TENANT, made.id, WebhookChange(events=[], rooms=[]))
    assert (everything.events, everything.rooms) == ((), ())
    assert await world.webhooks.change(TENANT, made.id, WebhookChange()) == everything


async def test_only_events_of_its_rooms_go_to_an_endpoint(world: World) -> None:
    await world.webhooks.create(TENANT, _URL, rooms=["r", "r2"])
    for room_id in ("r", "r3", None, "r2"):
        await put(world, room_id=room_id)
    assert await states(world) == ["pending", "pending"]


async def test_what_comes_while_it_is_paused_waits(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    paused = await world.webhooks.change(TENANT, endpoint.id, WebhookChange(paused=True))
    assert paused.status is EndpointStatus.PAUSED
    await put(world)
    world.clock.advance(4 * 24 * 3600)
    assert not await world.deliver()
    await world.webhooks.change(TENANT, endpoint.id, WebhookChange(paused=False))
    world.sender.answers = [Attempt(500, "", None, 1)]
    assert await world.deliver()
    assert await states(world) == ["pending"]  # its schedule begins with the end of the pause
    world.clock.advance(10)
    assert await world.deliver()
    assert await states(world) == ["delivered"]


async def test_a_disabled_one_is_enabled_by_its_owner(world: World) -> None:
    world.sender.answers = [Attempt(410, "", None, 1)]
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    await put(world)
    await world.deliver()
    assert (await world.webhooks.get(TENANT, endpoint.id)).status is EndpointStatus.DISABLED
    enabled = await world.webhooks.change(TENANT, endpoint.id, WebhookChange(paused=False))
    assert (enabled.status, enabled.disabled_reason, enabled.failures) == (EndpointStatus.ACTIVE, None, 0)
    await put(world)
    await world.deliver()
    assert (await states(world))[-1] == "delivered"


async def test_a_new_address_starts_without_a_memory_of_failures(world: World) -> None:
    world.sender.answers = [Attempt(None, "", "refused", 1)] * 10
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    for _ in range(8):
        await put(world)
    await world.deliver()
    assert (await world.webhooks.get(TENANT, endpoint.id)).failures == 8
    same = await world.webhooks.change(TENANT, endpoint.id, WebhookChange(url=_URL))
    assert same.failures == 8
    changed = await world.webhooks.change(TENANT, endpoint.id, WebhookChange(url=_URL + "2"))
    assert (changed.failures, changed.held_until_ms) == (0, None)


async def test_for_a_day_both_secrets_sign_and_no_delivery_fails_its_check(world: World) -> None:
    endpoint, old = await world.webhooks.create(TENANT, _URL)
    _, new = await world.webhooks.rotate(TENANT, endpoint.id)
    await put(world)
    await world.deliver()
    world.clock.advance(24 * 3600)
    await put(world)
    await world.deliver()
    (_, body, both), (_, later_body, one) = world.sender.posts
    assert old != new
    assert len(both["webhook-signature"].split()) == 2
    for secret in (old, new):
        _check(secret, body, both)
    _check(new, later_body, one)
    assert len(one["webhook-signature"].split()) == 1


async def test_of_three_secrets_the_newest_two_count(world: World) -> None:
    endpoint, first = await world.webhooks.create(TENANT, _URL)
    _, second = await world.webhooks.rotate(TENANT, endpoint.id)
    _, third = await world.webhooks.rotate(TENANT, endpoint.id)
    await put(world)
    await world.deliver()
    [(_, body, headers)] = world.sender.posts
    _check(second, body, headers)
    _check(third, body, headers)
    with pytest.raises(AssertionError):
        _check(first, body, headers)


async def test_rotations_at_once_each_give_a_secret_or_say_so(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    done = await asyncio.gather(
        *(world.webhooks.rotate(TENANT, endpoint.id) for _ in range(2)), return_exceptions=True
    )
    secrets = [one[1] for one in done if isinstance(one, tuple)]
    assert len(set(secrets)) == 2
    await put(world)
    await world.deliver()
    [(_, body, headers)] = world.sender.posts
    for secret in secrets:
        _check(secret, body, headers)


async def test_no_secret_lies_open_in_the_database(world: World) -> None:
    endpoint, first = await world.webhooks.create(TENANT, _URL)
    _, second = await world.webhooks.rotate(TENANT, endpoint.id)
    [row] = await world.db.all("SELECT secret, old_secret FROM webhook_endpoints")
    for secret in (first, second):
        assert secret.removeprefix("whsec_")[:8] not in row["secret"] + row["old_secret"]


async def test_what_cannot_be_an_endpoint_is_refused_with_its_field(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    for change, field, code in (
        (WebhookChange(events=["egress_endet"]), "events", "unknown_event"),
        (WebhookChange(rooms=["../x"]), "room_ids", "invalid_room_id"),
        (WebhookChange(rooms=[""]), "room_ids", "invalid_room_id"),
        (WebhookChange(rooms=[f"r{n}" for n in range(101)]), "room_ids", "invalid_request"),
    ):
        with pytest.raises(Invalid) as refused:
            await world.webhooks.change(TENANT, endpoint.id, change)
        assert (refused.value.details["field"], refused.value.word) == (field, code)
    assert (await world.webhooks.get(TENANT, endpoint.id)).updated_at_ms == endpoint.updated_at_ms


async def test_anothers_or_a_deleted_one_is_not_there(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL)
    gone, _ = await world.webhooks.create(TENANT, _URL)
    await world.webhooks.delete(TENANT, gone.id)
    for tenant, id_ in (("acme", endpoint.id), (TENANT, gone.id), (TENANT, "whk_none")):
        for call in (
            world.webhooks.get(tenant, id_),
            world.webhooks.change(tenant, id_, WebhookChange(paused=True)),
            world.webhooks.rotate(tenant, id_),
            world.webhooks.delete(tenant, id_),
            world.webhook_deliveries.test(tenant, id_),
            world.webhook_deliveries.page(tenant, id_, state=None, cursor=None, limit=1),
        ):
            with pytest.raises(WebhookNotFound):
                await call


def _check(secret: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Hold a signature against the package's, whatever its time."""
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    expected = Webhook(secret).sign(headers["webhook-id"], at, body.decode())
    assert expected in headers["webhook-signature"].split()
