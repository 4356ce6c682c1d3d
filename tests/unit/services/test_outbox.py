from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from rtcstack.errors import Conflict, Invalid, PartUnavailable, WebhookNotFound
from rtcstack.repositories import webhooks
from rtcstack.repositories.webhooks import Attempt
from tests.unit.services.conftest import TENANT, World

_URL = "https://customer.example/hook"


async def _put(world: World, event: str = "egress_ended") -> None:
    async with world.db.transaction() as tx:
        await webhooks.put(
            tx, f"evt_{world.clock.now_ms()}", TENANT, event, "r", '{"event":"x"}', world.clock.now_ms()
        )


async def _states(world: World) -> list[str]:
    return [
        row["state"]
        for row in await world.db.all("SELECT state FROM deliveries ORDER BY outbox_id, endpoint_id")
    ]


async def test_an_event_goes_once_to_each_subscribed_endpoint(world: World) -> None:
    await world.webhooks.create(TENANT, _URL, [])
    await world.webhooks.create(TENANT, _URL + "/ended", ["egress_ended"])
    await world.webhooks.create(TENANT, _URL + "/started", ["recording.started"])
    await _put(world)
    assert await world.deliver()
    assert not await world.deliver()
    assert sorted(url for url, _, _ in world.sender.posts) == [_URL, _URL + "/ended"]
    assert await _states(world) == ["delivered", "delivered"]


async def test_what_fails_is_tried_again_with_the_same_id_and_a_fresh_signature(world: World) -> None:
    _, secret = await world.webhooks.create(TENANT, _URL, [])
    world.sender.answers = [
        Attempt(500, "oops", None, 1),
        Attempt(302, "", None, 1),
        Attempt(None, "", "refused", 1),
    ]
    await _put(world)
    for _ in range(4):
        assert await world.deliver()
        assert not await world.deliver()
        world.clock.advance(20)
    assert await _states(world) == ["delivered"]
    ids = {headers["webhook-id"] for _, _, headers in world.sender.posts}
    stamps = [headers["webhook-timestamp"] for _, _, headers in world.sender.posts]
    assert len(ids) == 1
    assert len(set(stamps)) == 4
    for _, body, headers in world.sender.posts:
        expected = Webhook(secret).sign(
            headers["webhook-id"], _instant(headers["webhook-timestamp"]), body.decode()
        )
        assert headers["webhook-signature"] == expected


async def test_410_disables_the_endpoint_and_drops_what_waits_for_it(world: World) -> None:
    await world.webhooks.create(TENANT, _URL, [])
    world.sender.answers = [Attempt(410, "gone", None, 1)]
    await _put(world)
    await world.deliver()
    world.clock.advance(1)
    await _put(world)
    assert not await world.deliver()
    assert await _states(world) == ["failed"]


async def test_retry_after_is_honoured(world: World) -> None:
    await world.webhooks.create(TENANT, _URL, [])
    world.sender.answers = [Attempt(429, "", None, 1, retry_after_s=120)]
    await _put(world)
    await world.deliver()
    world.clock.advance(119)
    assert not await world.deliver()
    world.clock.advance(2)
    assert await world.deliver()


async def test_a_delivery_is_given_up_after_the_whole_schedule(world: World) -> None:
    await world.webhooks.create(TENANT, _URL, [])
    world.sender.answers = [Attempt(500, "", None, 1)] * 100
    await _put(world)
    for _ in range(100):
        await world.deliver()
        world.clock.advance(30 * 3600)
    assert await _states(world) == ["failed"]
    assert len(world.sender.posts) == 15


async def test_a_claim_whose_lease_lapsed_is_taken_by_the_next(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL, [])
    await _put(world)
    async with world.db.transaction() as tx:
        [lost] = await webhooks.claim(tx, endpoint.id, world.clock.now_ms(), world.clock.now_ms() + 1000, 16)
    assert not await world.deliver()
    world.clock.advance(2)
    assert await world.deliver()
    async with world.db.transaction() as tx:
        is_mine = await webhooks.record(
            tx, lost, Attempt(500, "", None, 1), state="pending", due_at_ms=0, now_ms=world.clock.now_ms()
        )
    assert not is_mine
    assert await _states(world) == ["delivered"]


async def test_the_secret_is_nowhere_in_the_database(world: World) -> None:
    _, secret = await world.webhooks.create(TENANT, _URL, [])
    [row] = await world.db.all("SELECT secret FROM webhook_endpoints")
    assert secret.removeprefix("whsec_")[:8] not in row["secret"]


async def test_a_secret_that_does_not_open_counts_as_a_failure_and_says_so(world: World) -> None:
    await world.webhooks.create(TENANT, _URL, [])
    await world.webhooks.create(TENANT, _URL + "/other", [])
    async with world.db.transaction() as tx:
        await tx.execute(
            "UPDATE webhook_endpoints SET secret = 'v2.dk_gone.AAAA.AAAA' WHERE url = :url", url=_URL
        )
    await _put(world)
    assert await world.deliver()
    rows = await world.db.all("SELECT state, error, attempts FROM deliveries ORDER BY state")
    assert [tuple(row) for row in rows] == [
        ("delivered", None, 1),
        ("pending", "the endpoint's signing secret cannot be opened here", 1),
    ]


class _VaultIsDown:
    async def open(self, _tenant_id: str, _sealed: str, _context: str) -> str:
        raise PartUnavailable("the vault does not answer", part="vault")


async def test_while_the_vault_is_down_webhooks_wait_without_counting_an_attempt(world: World) -> None:
    await world.webhooks.create(TENANT, _URL, [])
    await _put(world)
    outbox = world.services.outbox
    sealer, outbox._sealer = outbox._sealer, _VaultIsDown()
    assert await world.deliver()
    [row] = await world.db.all("SELECT state, attempts FROM deliveries")
    assert tuple(row) == ("pending", 0)
    outbox._sealer = sealer
    world.clock.advance(61)
    assert await world.deliver()
    assert await _states(world) == ["delivered"]


async def test_bad_endpoints_are_refused_in_words(world: World) -> None:
    with pytest.raises(Invalid, match="egress_endet"):
        await world.webhooks.create(TENANT, _URL, ["egress_endet"])
    for _ in range(3):
        await world.webhooks.create(TENANT, _URL, [])
    with pytest.raises(Conflict):
        await world.webhooks.create(TENANT, _URL, [])
    with pytest.raises(WebhookNotFound):
        await world.webhooks.delete(TENANT, "whk_none")


async def test_another_tenants_endpoint_is_not_there(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL, [])
    with pytest.raises(WebhookNotFound):
        await world.webhooks.delete("acme", endpoint.id)


async def test_an_endpoint_that_hangs_delays_no_other(world: World) -> None:
    await world.webhooks.create(TENANT, _URL + "/hangs", [])
    await world.webhooks.create(TENANT, _URL + "/well", [])
    world.sender.hang(_URL + "/hangs")
    for _ in range(3):
        await _put(world)
        await world.outbox.deliver_due()
        world.clock.advance(1)
        await world.sender.reached(_URL + "/well")
    assert [url for url, _, _ in world.sender.posts].count(_URL + "/well") == 3
    world.sender.release()
    await world.outbox.drain()


async def test_what_is_under_way_when_its_endpoint_is_deleted_is_not_tried_again(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL, [])
    world.sender.hang(_URL)
    world.sender.answers = [Attempt(500, "", None, 1)]
    await _put(world)
    await world.outbox.deliver_due()
    await world.sender.reached(_URL)
    await world.webhooks.delete(TENANT, endpoint.id)
    world.sender.release()
    await world.outbox.drain()
    world.clock.advance(3600)
    assert not await world.deliver()
    assert await _states(world) == ["failed"]


def _instant(timestamp_s: str) -> datetime:
    return datetime.fromtimestamp(int(timestamp_s), UTC)
