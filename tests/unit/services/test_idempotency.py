import pytest

from rtcstack.domain.idempotency import IN_PROGRESS_MS, KEPT_MS, Answer, Call, check_key, fingerprint
from rtcstack.errors import Conflict, IdempotencyInProgress, Invalid, PartUnavailable
from tests.unit.services.conftest import TENANT, World

_CALL = Call(TENANT, "order 7", fingerprint("POST", "/v1/rooms", b"{}"))
_ANSWER = Answer(201, '{"secret": "whsec_abc"}')


async def _begin(world: World, call: Call = _CALL) -> int:
    begun = await world.idempotency.begin(call)
    assert isinstance(begun, int)
    return begun


async def test_the_same_call_gets_the_first_answer(world: World) -> None:
    await world.idempotency.finish(_CALL, await _begin(world), _ANSWER)
    assert await world.idempotency.begin(_CALL) == _ANSWER


async def test_a_secret_in_an_answer_is_not_in_the_database(world: World) -> None:
    await world.idempotency.finish(_CALL, await _begin(world), _ANSWER)
    [row] = await world.db.all("SELECT * FROM idempotency_keys")
    assert row["body"]
    assert "whsec_abc" not in str(dict(row))


class _VaultIsDown:
    async def seal(self, _tenant_id: str, _plaintext: str, _context: str) -> str:
        raise PartUnavailable("the vault does not answer", part="vault")


async def test_a_call_whose_answer_could_not_be_sealed_is_not_begun(world: World) -> None:
    """Done and not remembered, it would be done again."""
    world.idempotency._sealer = _VaultIsDown()
    with pytest.raises(PartUnavailable):
        await world.idempotency.begin(_CALL)
    assert await world.count("idempotency_keys") == 0


async def test_a_key_belongs_to_its_tenant(world: World) -> None:
    await world.idempotency.finish(_CALL, await _begin(world), _ANSWER)
    await _begin(world, Call("acme", _CALL.key, _CALL.fingerprint))


@pytest.mark.parametrize(
    "other", [("PUT", "/v1/rooms", b"{}"), ("POST", "/v1/halls", b"{}"), ("POST", "/v1/rooms", b"{ }")]
)
@pytest.mark.parametrize("is_answered", [True, False])
async def test_another_call_under_the_key_is_refused(
    world: World, other: tuple[str, str, bytes], is_answered: bool
) -> None:
    claimed = await _begin(world)
    if is_answered:
        await world.idempotency.finish(_CALL, claimed, _ANSWER)
    with pytest.raises(Conflict) as caught:
        await world.idempotency.begin(Call(TENANT, _CALL.key, fingerprint(*other)))
    assert caught.value.word == "idempotency_mismatch"


async def test_while_the_first_runs_the_second_waits(world: World) -> None:
    await _begin(world)
    with pytest.raises(IdempotencyInProgress):
        await world.idempotency.begin(_CALL)


async def test_a_dead_call_is_taken_over_and_can_write_no_more(world: World) -> None:
    first = await _begin(world)
    world.clock.advance((IN_PROGRESS_MS + 1) / 1000)
    second = await _begin(world)
    await world.idempotency.finish(_CALL, first, Answer(500, ""))
    with pytest.raises(IdempotencyInProgress):
        await world.idempotency.begin(_CALL)
    await world.idempotency.finish(_CALL, first, Answer(201, "of the dead"))
    await world.idempotency.finish(_CALL, second, _ANSWER)
    assert await world.idempotency.begin(_CALL) == _ANSWER


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503, 507])
async def test_what_may_end_otherwise_next_time_is_not_kept(world: World, status: int) -> None:
    await world.idempotency.finish(_CALL, await _begin(world), Answer(status, "{}"))
    await _begin(world)


@pytest.mark.parametrize("status", [200, 201, 204, 400, 404, 409])
async def test_every_other_answer_is_kept(world: World, status: int) -> None:
    answer = Answer(status, "" if status == 204 else "{}")
    await world.idempotency.finish(_CALL, await _begin(world), answer)
    assert await world.idempotency.begin(_CALL) == answer


async def test_after_a_day_a_key_is_free_again_and_then_purged(world: World) -> None:
    await world.idempotency.finish(_CALL, await _begin(world), _ANSWER)
    world.clock.advance((KEPT_MS) / 1000)
    assert not await world.idempotency.purge()
    world.clock.advance((1) / 1000)
    await _begin(world, Call(TENANT, _CALL.key, fingerprint("POST", "/v1/halls", b"")))
    world.clock.advance((KEPT_MS + 1) / 1000)
    assert await world.idempotency.purge()
    assert await world.count("idempotency_keys") == 0


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "ä", "a\x7f"])
def test_a_key_is_printable_and_short(key: str) -> None:
    with pytest.raises(Invalid):
        check_key(key)


def test_the_longest_key_is_fine() -> None:
    assert check_key("~ " + "x" * 253)
