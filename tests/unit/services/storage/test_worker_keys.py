import json

import pytest

from rtcstack.adapters.crypto.worker_calls import SecretWorkerCalls
from rtcstack.errors import Invalid, RecordingNotFound, Unauthenticated
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.storage.conftest import SECRET, Owner

_WORKER = SecretWorkerCalls("APIfake", "a secret of the tests that is long enough")


async def _ask(world: World, recording_id: str) -> dict[str, str]:
    body = json.dumps({"recording_id": recording_id}).encode()
    sealed = await world.worker_keys.answer(body, _WORKER.sign(body))
    assert SECRET not in sealed
    answer: dict[str, str] = json.loads(_WORKER.open(sealed, recording_id))
    return answer


async def test_a_worker_gets_the_keys_that_are_set_now_wherever_recordings_go_meanwhile(
    world: World, owner: Owner
) -> None:
    await owner.uses("acme-1")
    recording = await world.started("room-abc")
    assert (await _ask(world, recording.id))["secret_access_key"] == SECRET
    await owner.uses("acme-1", secret_access_key="changed-since")
    await world.storage_settings.delete(TENANT)
    now = await _ask(world, recording.id)
    assert (now["bucket"], now["secret_access_key"]) == ("acme-1", "changed-since")


async def test_nobody_else_gets_them(world: World, owner: Owner) -> None:
    await owner.uses()
    recording = await world.started("room-abc")
    body = json.dumps({"recording_id": recording.id}).encode()
    stranger = SecretWorkerCalls("APIfake", "a secret of another appliance, long enough")
    for authorization in ("", "Bearer x", stranger.sign(body)):
        with pytest.raises(Unauthenticated):
            await world.worker_keys.answer(body, authorization)


async def test_questions_without_an_answer(world: World) -> None:
    shared = await world.started("room-abc")
    for recording_id in (shared.id, "rec_unknown"):
        with pytest.raises(RecordingNotFound):
            await _ask(world, recording_id)
    for body in (b"", b"[]", b'{"recording_id": 1}', b"{}"):
        with pytest.raises(Invalid):
            await world.worker_keys.answer(body, _WORKER.sign(body))
