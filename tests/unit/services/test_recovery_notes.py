"""What a worker says of its own trouble is kept with the recording, and shown where there is something to say."""

from dataclasses import replace

import msgspec

from rtcstack.api.halls.recording_body import HallRecordingBody
from rtcstack.domain.egress import EgressSnapshot, EgressStatus
from rtcstack.domain.loss import Gap, recovered, upload_waits
from rtcstack.domain.recording import Recording
from tests.unit.services.conftest import World

_WORDS = "the store at http://127.0.0.1:9000 does not answer"
_GAPS = (Gap(754_500, 900), Gap(800_000, 300))
_OWN_KEYS = 8
"""Of document 000's recording object."""


def _told(recording: Recording, status: EgressStatus, details: str, updated_at_ns: int = 1) -> EgressSnapshot:
    return EgressSnapshot(
        recording.egress_id or "",
        recording.room_id,
        status,
        updated_at_ns=updated_at_ns,
        filepath=recording.object_key,
        size_bytes=1000,
        duration_ms=5000,
        details=f"End reason: StopEgress API; {details}" if details else "End reason: StopEgress API",
    )


async def _tell(
    world: World, recording: Recording, status: EgressStatus, details: str = "", at_ns: int = 1
) -> Recording:
    async with world.db.transaction() as tx:
        await world.egress_events.apply(tx, _told(recording, status, details, at_ns))
    return await world.recording(recording.id)


async def test_what_was_lost_is_shown_and_nothing_of_it_where_nothing_was(world: World) -> None:
    recording = await world.started("r")
    assert len(msgspec.to_builtins(HallRecordingBody.from_domain(recording))) == _OWN_KEYS
    kept = await _tell(world, recording, EgressStatus.COMPLETE, recovered(_GAPS))
    assert (kept.recovered, kept.gaps, kept.lost_ms) == (True, _GAPS, 1200)
    shown = msgspec.to_builtins(HallRecordingBody.from_domain(kept))
    assert shown["recovered"] is True
    assert shown["lost_seconds"] == 1.2
    assert list(shown["gaps"]) == [
        {"at_seconds": 754.5, "lost_seconds": 0.9},
        {"at_seconds": 800.0, "lost_seconds": 0.3},
    ]


async def test_a_recovery_without_a_loss_is_one_all_the_same(world: World) -> None:
    kept = await _tell(world, await world.started("r"), EgressStatus.COMPLETE, recovered(()))
    assert (kept.recovered, kept.gaps) == (True, ())


async def test_the_stores_words_are_shown_until_it_takes_the_file(world: World) -> None:
    recording = await world.started("r")
    await _tell(world, recording, EgressStatus.ENDING)
    waits = await _tell(world, recording, EgressStatus.ENDING, upload_waits(_WORDS))
    assert waits.upload_waits == HallRecordingBody.from_domain(waits).upload_waits == _WORDS
    changed = await _tell(world, recording, EgressStatus.ENDING, upload_waits("SlowDown"))
    assert changed.upload_waits == "SlowDown"
    done = await _tell(world, recording, EgressStatus.COMPLETE)
    assert done.upload_waits is None
    late = await _tell(world, recording, EgressStatus.ENDING, upload_waits(_WORDS))
    assert late.upload_waits is None


async def test_the_stores_words_are_taken_back_while_it_is_recorded(world: World) -> None:
    recording, active = await world.started("r"), EgressStatus.ACTIVE
    waits = await _tell(world, recording, active, upload_waits(_WORDS), at_ns=2)
    assert waits.upload_waits == _WORDS
    assert (await _tell(world, recording, active, at_ns=1)).upload_waits == _WORDS, "an old one, come late"
    assert (await _tell(world, recording, active, at_ns=3)).upload_waits is None
    late = await _tell(world, recording, active, upload_waits(_WORDS), at_ns=2)
    assert late.upload_waits is None


async def test_words_of_another_end_are_no_recovery(world: World) -> None:
    recording = await world.started("r")
    assert not (await _tell(world, recording, EgressStatus.COMPLETE, "the disk was full")).recovered
    assert replace(recording, gaps=_GAPS).lost_ms == 1200
