"""A tenant's own bucket: under its prefix alone, and nothing in it is believed that only the appliance may say."""

from rtcstack.domain.finding import FindingKind
from rtcstack.domain.own_bucket import OwnBucket
from rtcstack.services.reconcile.reconciler import Report
from tests.fakes.storage import FakeStorage
from tests.unit.services.conftest import TENANT, World
from tests.unit.services.storage.conftest import Owner

_STAMP = "2023-11-14T22-13-20.mp4"


async def _run(world: World) -> Report:
    report: Report = await world.reconciler.run_now(20)
    return report


async def _set(world: World) -> tuple[OwnBucket, FakeStorage]:
    owner = Owner(world)
    return await owner.uses(prefix="rtc/"), owner.store()


def _said(recording_id: str) -> dict[str, str]:
    return {
        "rtcstack-recording": recording_id,
        "rtcstack-tenant": TENANT,
        "rtcstack-video": "h264,640x360,30",
    }


async def test_what_the_recorder_left_there_is_a_recording_again_under_a_new_id(world: World) -> None:
    own, store = await _set(world)
    store.put(f"rtc/r/{_STAMP}", 1000, {**_said("rec_theirs"), "rtcstack-egress": "EG_theirs"})
    for key in (
        f"r/{_STAMP}",
        f"elsewhere/r/{_STAMP}",
        f"rtc/_t/acme/r/{_STAMP}",
        f"rtc/_archive/r/{_STAMP}",
    ):
        store.put(key, 1000, _said("rec_other"))
    assert (await _run(world)).agrees
    [adopted] = await world.db.all("SELECT id, storage_id, object_key, egress_id, state FROM recordings")
    assert (adopted["storage_id"], adopted["object_key"]) == (own.id, f"rtc/r/{_STAMP}")
    assert (adopted["egress_id"], adopted["state"]) == (None, "ready")
    assert adopted["id"] != "rec_theirs"


async def test_a_copy_of_a_known_recording_is_no_second_one(world: World) -> None:
    recording = await world.started()
    _, store = await _set(world)
    store.put(f"rtc/r/{_STAMP}", 1000, _said(recording.id))
    assert (await _run(world)).agrees
    assert await world.count("recordings") == 1


async def test_one_that_may_not_be_listed_is_told_and_keeps_no_other_check_from_looking(
    world: World,
) -> None:
    own, store = await _set(world)
    store.may_read = False
    world.storage.put(f"r/{_STAMP}", 1000)
    report = await _run(world)
    errors = {check.name: check.error for check in report.checks if check.error}
    assert list(errors) == [f"bucket {own.id}"]
    assert [found.finding.kind for found in report.findings] == [FindingKind.OBJECT_UNKNOWN]
