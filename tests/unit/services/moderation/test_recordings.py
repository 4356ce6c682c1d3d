"""Recordings of moderated halls are looked through once they are ready."""

from dataclasses import replace

from rtcstack.domain.instant import iso_ms
from rtcstack.domain.job import JobKind
from rtcstack.errors import Invalid, PartUnavailable
from tests.fakes.moderation import FakeModerator
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.library.conftest import ready
from tests.unit.services.moderation.conftest import found, hall, look_through, recorded, told

_CLEAN = b"clean"


async def test_what_reaches_the_threshold_is_stored_and_told(moderated: World) -> None:
    of = await hall(moderated, record=True, metadata={"customer_id": "c1"})
    recording = await recorded(moderated, of)
    moderated.media.shots = [_CLEAN, b"nsfw 0.7", b"nsfw 0.69", b"violence 0.95"]
    assert await look_through(moderated)
    assert not await look_through(moderated)
    assert await found(moderated, of) == [(30.0, "violence"), (10.0, "nsfw")]
    first, second = await told(moderated)
    assert first == {
        "hall_id": of.id,
        "recording_id": recording.id,
        "at": iso_ms(recording.started_at_ms + 10_000),
        "position_seconds": 10.0,
        "category": "nsfw",
        "likelihood": 0.7,
        "provider": "fake",
        "action": "notify",
        "metadata": {"customer_id": "c1"},
    }
    assert second["category"] == "violence"
    assert (await moderated.halls.get(TENANT, of.id))[0].closed_at_ms is None


async def test_customers_are_told_of_a_category_once_in_five_minutes(moderated: World) -> None:
    of = await hall(moderated, record=True)
    await recorded(moderated, of)
    moderated.media.shots = [b"nsfw 0.9"] * 61  # ten minutes, of which the last moment begins another five
    await look_through(moderated)
    assert len(await found(moderated, of)) == 61
    assert [one["position_seconds"] for one in await told(moderated)] == [0.0, 300.0, 600.0]


async def test_pictures_are_shown_in_bounded_lots(moderated: World) -> None:
    of = await hall(moderated, record=True)
    await recorded(moderated, of)
    moderated.media.shots = [_CLEAN] * 110 + [b"nsfw 0.9"]
    await look_through(moderated)
    assert [len(look) for look in moderated.moderator.looks] == [50, 50, 11]
    assert await found(moderated, of) == [(1100.0, "nsfw")]


async def test_other_rooms_and_halls_are_not_looked_at(moderated: World) -> None:
    await ready(moderated)
    await recorded(moderated, await hall(moderated, record=True, moderation=False))
    moderated.media.shots = [b"nsfw 0.9"]
    while await look_through(moderated):
        pass
    assert moderated.moderator.looks == []
    assert await told(moderated) == []


async def test_trouble_with_the_provider_is_waited_out(moderated: World) -> None:
    of = await hall(moderated, record=True)
    await recorded(moderated, of)
    moderated.media.shots = [b"nsfw 0.9"]
    moderated.moderator.fail_next(PartUnavailable("429 quota exceeded", part="moderation"))
    assert await look_through(moderated)
    assert not await look_through(moderated)
    moderated.clock.advance(2)
    assert await look_through(moderated)
    assert len(await told(moderated)) == 1


async def test_a_recording_without_pictures_has_no_findings(moderated: World) -> None:
    of = await hall(moderated, record=True)
    await recorded(moderated, of)
    moderated.media.fail_next(Invalid("The recording has no pictures.", code="no_video"))
    assert await look_through(moderated)
    assert not await look_through(moderated)
    assert await found(moderated, of) == []


async def test_a_job_that_was_taken_over_stores_and_tells_nothing_twice(moderated: World) -> None:
    of = await hall(moderated, record=True)
    await recorded(moderated, of)
    moderated.media.shots = [b"nsfw 0.9"]
    other = replace(moderated, moderator=FakeModerator())
    inner = moderated.moderator.look

    async def overtaken(pictures: list[bytes]) -> object:
        moderated.clock.advance(30)  # as if this process had stood still for longer than its lease
        assert await look_through(other)
        return await inner(pictures)

    moderated.moderator.look = overtaken  # type: ignore[method-assign, assignment]  # the fake's own
    assert await look_through(moderated)
    assert len(await found(moderated, of)) == len(await told(moderated)) == 1
    assert not await look_through(moderated)


async def test_looking_again_finds_nothing_new(moderated: World) -> None:
    of = await hall(moderated, record=True)
    await recorded(moderated, of)
    moderated.media.shots = [b"nsfw 0.9"]
    await look_through(moderated)
    async with moderated.db.transaction() as tx:
        await tx.execute("UPDATE jobs SET state = 'pending' WHERE kind = 'moderate'")
    assert await look_through(moderated)
    assert len(await found(moderated, of)) == len(await told(moderated)) == 1


async def test_with_the_provider_off_nothing_is_queued(world: World) -> None:
    assert world.settings.moderation.provider == "off"
    await ready(world)
    assert JobKind.MODERATE not in world.media_jobs
    rows = await world.db.all("SELECT kind FROM jobs")
    assert {row["kind"] for row in rows} == {"verify", "previews"}
