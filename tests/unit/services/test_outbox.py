import asyncio
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from rtcstack.assembly import Services
from rtcstack.domain.delivery import Attempt, DeliveryState
from rtcstack.errors import Conflict, Invalid, PartUnavailable, WebhookNotFound
from rtcstack.repositories import deliveries
from rtcstack.repositories.deliveries import Result
from rtcstack.settings.plans import load_plans
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.outgoing import put, states

_URL = "https://customer.example/hook"


async def test_an_event_goes_once_to_each_subscribed_endpoint(world: World) -> None:
    await world.webhooks.create(TENANT, _URL, [])
    await world.webhooks.create(TENANT, _URL + "/ended", ["egress_ended"])
    await world.webhooks.create(TENANT, _URL + "/started", ["recording.started"])
    await put(world)
    assert await world.deliver()
    assert not await world.deliver()
    assert sorted(url for url, _, _ in world.sender.posts) == [_URL, _URL + "/ended"]
    assert await states(world) == ["delivered", "delivered"]


async def test_what_fails_is_tried_again_with_the_same_id_and_a_fresh_signature(world: World) -> None:
    _, secret = await world.webhooks.create(TENANT, _URL, [])
    world.sender.answers = [
        Attempt(500, "oops", None, 1),
        Attempt(302, "", None, 1),
        Attempt(None, "", "refused", 1),
    ]
    await put(world)
    for _ in range(4):
        assert await world.deliver()
        assert not await world.deliver()
        world.clock.advance(20)
    assert await states(world) == ["delivered"]
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
    await put(world)
    await world.deliver()
    world.clock.advance(1)
    await put(world)
    assert not await world.deliver()
    assert await states(world) == ["failed"]


async def test_retry_after_is_honoured(world: World) -> None:
    await world.webhooks.create(TENANT, _URL, [])
    world.sender.answers = [Attempt(429, "", None, 1, retry_after_s=120)]
    await put(world)
    await world.deliver()
    world.clock.advance(119)
    assert not await world.deliver()
    world.clock.advance(2)
    assert await world.deliver()


async def test_a_claim_whose_lease_lapsed_is_taken_by_the_next(world: World) -> None:
    endpoint, _ = await world.webhooks.create(TENANT, _URL, [])
    await put(world)
    async with world.db.transaction() as tx:
        [lost] = await deliveries.claim(tx, endpoint, world.clock.now_ms(), world.clock.now_ms() + 1000, 16)
    assert not await world.deliver()
    world.clock.advance(2)
    assert await world.deliver()
    failed = Result(lost, DeliveryState.PENDING, 0, 500, "", None, 1, 0, "v1,late")
    async with world.db.transaction() as tx:
        [is_mine] = await deliveries.record_all(tx, [failed], world.clock.now_ms())
    assert not is_mine
    assert await states(world) == ["delivered"]


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
    await put(world)
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
    await put(world)
    courier = world.services.outbox._courier
    sealer, courier._sealer = courier._sealer, _VaultIsDown()
    assert await world.deliver()
    [row] = await world.db.all("SELECT state, attempts FROM deliveries")
    assert tuple(row) == ("pending", 0)
    courier._sealer = sealer
    world.clock.advance(61)
    assert await world.deliver()
    assert await states(world) == ["delivered"]


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
        await put(world)
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
    await put(world)
    await world.outbox.deliver_due()
    await world.sender.reached(_URL)
    await world.webhooks.delete(TENANT, endpoint.id)
    world.sender.release()
    await world.outbox.drain()
    world.clock.advance(3600)
    assert not await world.deliver()
    assert await states(world) == ["failed"]


async def test_two_processes_send_each_delivery_once(world: World) -> None:
    other = Services(world.settings, world.ports, load_plans()).outbox
    await world.webhooks.create(TENANT, _URL, [])
    await world.webhooks.create(TENANT, _URL + "/2", [])
    for _ in range(60):
        await put(world)
    while any(await asyncio.gather(world.outbox.deliver_due(), other.deliver_due())):
        await asyncio.gather(world.outbox.drain(), other.drain())
    sent = [(url, headers["webhook-id"]) for url, _, headers in world.sender.posts]
    assert len(sent) == len(set(sent)) == 120
    assert set(await states(world)) == {"delivered"}


async def test_what_is_under_way_at_the_end_is_let_go_of_for_the_next_process(world: World) -> None:
    await world.webhooks.create(TENANT, _URL, [])
    world.sender.hang(_URL)
    await put(world)
    await world.outbox.deliver_due()
    await world.sender.reached(_URL)
    await world.outbox.drain()
    [row] = await world.db.all("SELECT state, attempts, lease_until_ms FROM deliveries")
    assert tuple(row) == ("pending", 0, None)


def _instant(timestamp_s: str) -> datetime:
    return datetime.fromtimestamp(int(timestamp_s), UTC)
