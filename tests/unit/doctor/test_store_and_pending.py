"""The bucket, and what went wrong before and waits for somebody."""

import sqlite3
import time
from contextlib import closing

import pytest

from rtcstack.adapters.sql.migrate import migrate
from rtcstack.appliance.state import Snapshot
from rtcstack.doctor.checks import pending, store
from rtcstack.doctor.finding import Level
from rtcstack.doctor.scene import Scene
from rtcstack.errors import Invalid
from rtcstack.ports.storage import Permissions
from tests.unit.doctor.conftest import FakeOutside, MakeScene

_RUNNING = Snapshot(1, 1, {}, [])


@pytest.mark.parametrize(
    ("trial", "level", "words"),
    [
        (Permissions(may_read=True, may_delete=True), Level.OK, "put into rtcstack-recordings"),
        (Permissions(may_read=False, may_delete=True), Level.ERROR, "may not read"),
        (Permissions(may_read=True, may_delete=False), Level.WARNING, "may not delete"),
        (Invalid("It does not exist.", s3_code="NoSuchBucket"), Level.ERROR, "RTCSTACK_STORAGE__BUCKET"),
        (Invalid("Denied.", s3_code="AccessDenied"), Level.ERROR, "RTCSTACK_STORAGE__ACCESS_KEY"),
        (Invalid("Skewed.", s3_code="RequestTimeTooSkewed"), Level.ERROR, "set-ntp"),
        (Invalid("The endpoint cannot be reached."), Level.ERROR, "RTCSTACK_STORAGE__HOST"),
    ],
)
async def test_how_the_trial_went(
    make_scene: MakeScene, trial: Permissions | Invalid, level: Level, words: str
) -> None:
    scene = make_scene(outside=FakeOutside(store=trial), snapshot=_RUNNING)
    [verdict] = store.bucket(scene, await store.look(scene))
    assert verdict.level is level
    assert words in verdict.seen + verdict.cure


async def test_a_stopped_store_is_not_asked(make_scene: MakeScene) -> None:
    scene = make_scene(outside=FakeOutside(store=Invalid("no")))
    assert list(store.bucket(scene, await store.look(scene))) == []


@pytest.fixture
def scene(make_scene: MakeScene) -> Scene:
    made = make_scene()
    migrate(made.settings.database_path)
    return made


def _write(scene: Scene, *statements: str) -> None:
    with closing(sqlite3.connect(scene.settings.database_path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


async def _levels(scene: Scene) -> dict[str, list[Level]]:
    facts = await pending.look(scene)
    return {name: [v.level for v in check(scene, facts)] for name, check in pending.FAMILY.checks.items()}


async def test_nothing_waits_in_a_new_database(scene: Scene, make_scene: MakeScene) -> None:
    well = {name: [Level.OK] for name in ("agreement", "recordings", "webhooks", "spool")}
    assert await _levels(scene) == well
    scene.settings.database_path.unlink()
    assert await _levels(make_scene()) == well


async def test_findings_of_the_reconciler_are_told_a_few_by_name(scene: Scene) -> None:
    columns = "(check_name, subject, kind, message, mended, found_at_ms, seen_at_ms, fence)"
    rows = [f"('bucket', 's{n}', 'object_missing', 'It is gone.', NULL, {n}, {n}, 1)" for n in range(5)]
    mended = "('bucket', 's9', 'row_stuck', 'It was.', 'mended', 1, 1, 1)"
    _write(scene, *(f"INSERT INTO reconcile_findings {columns} VALUES {row}" for row in (*rows, mended)))
    _write(
        scene, "INSERT INTO reconcile_checks (name, error) VALUES ('egresses', 'Redis cannot be reached.')"
    )
    found = list(pending.agreement(scene, await pending.look(scene)))
    assert [verdict.seen for verdict in found] == [
        *["object_missing: It is gone."] * 3,
        "2 more disagreements",
        "the reconciler could not look at egresses: Redis cannot be reached.",
    ]
    assert {verdict.level for verdict in found} == {Level.WARNING}


async def test_a_disabled_endpoint_is_told_with_its_reason(scene: Scene) -> None:
    _write(
        scene,
        "INSERT INTO tenants (id, plan, created_at_ms) VALUES ('t', 'free', 0)",
        """INSERT INTO webhook_endpoints (id, tenant_id, url, events, secret, created_at_ms, disabled_at_ms, disabled_reason)
        VALUES ('w', 't', 'https://h.example/x', '[]', 's', 0, 5, 'It answered 410.')""",
    )
    [verdict] = pending.webhooks(scene, await pending.look(scene))
    assert verdict.seen == "the webhook endpoint https://h.example/x is disabled: It answered 410."
    _write(scene, "UPDATE webhook_endpoints SET deleted_at_ms = 6")
    [verdict] = pending.webhooks(scene, await pending.look(scene))
    assert verdict.seen == "no webhook endpoint was disabled, no event waits"


async def test_events_that_nobody_takes_in_are_told(scene: Scene) -> None:
    late_ms = int((time.time() - 600) * 1000)
    _write(
        scene,
        f"INSERT INTO inbox (fingerprint, event, body, received_at_ms, due_at_ms) VALUES ('f', 'e', '{{}}', {late_ms}, 0)",
    )
    [verdict] = pending.webhooks(scene, await pending.look(scene))
    assert verdict.level is Level.ERROR
    assert verdict.seen.startswith("1 event of LiveKit not taken in yet, the oldest for 60")


async def test_files_in_the_spool_are_told_and_never_to_be_removed(
    scene: Scene, make_scene: MakeScene
) -> None:
    folder = scene.settings.spool_path / "EG_1"
    folder.mkdir(parents=True)
    (scene.settings.spool_path / "other").mkdir()
    (folder / "request.json").write_text("{}")
    [verdict] = pending.spool(scene, await pending.look(scene))
    assert verdict.seen == "1 recording in the spool, not stored yet: EG_1"
    running = make_scene(snapshot=_RUNNING)
    [verdict] = pending.spool(running, await pending.look(running))
    assert "never empty the spool by hand" in verdict.cure


async def test_of_a_damaged_database_nothing_is_said_to_be_well(scene: Scene) -> None:
    scene.settings.database_path.write_text("these are notes" * 1000)
    assert await _levels(scene) == {"agreement": [], "recordings": [], "webhooks": [], "spool": [Level.OK]}
