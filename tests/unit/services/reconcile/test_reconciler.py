"""Whose turn it is, and what is kept of each look."""

import asyncio
from collections.abc import Sequence

from rtcstack.domain.finding import Finding, FindingKind, Look
from rtcstack.services.reconcile.check import Check
from rtcstack.services.reconcile.reconciler import Reconciler
from tests.unit.services.conftest import World

_PATIENCE_S = 20


class _Scripted:
    """Looks as it is told to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.subjects: list[str] = []
        self.cursors: list[str] = []
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def look(self, cursor: str) -> Look:
        self.cursors.append(cursor)
        await self.go_on.wait()
        findings = [Finding(FindingKind.ROW_STUCK, subject, "It is stuck.") for subject in self.subjects]
        return Look(len(findings), findings, cursor=f"after-{len(self.cursors)}")


class _Checks:
    def __init__(self, *checks: Check) -> None:
        self.checks: Sequence[Check] = checks

    async def list(self) -> Sequence[Check]:
        return self.checks


async def _subjects(reconciler: Reconciler) -> list[str]:
    return [found.finding.subject for found in (await reconciler.report()).findings]


async def test_each_looks_at_boot_and_every_minute_from_where_it_ended(world: World) -> None:
    check = _Scripted("a")
    for looks, (is_new, advance_s) in enumerate([(True, 0), (False, 60), (False, 60), (True, 1)], 1):
        if is_new:
            reconciler = Reconciler(world.db, world.clock, _Checks(check))
        world.clock.advance(advance_s)
        for _ in range(3):
            await reconciler.run_once()
        assert len(check.cursors) == looks
    assert check.cursors == ["", "after-1", "after-2", "after-3"]


async def test_what_is_found_stays_until_it_is_found_no_more(world: World) -> None:
    check = _Scripted("a")
    reconciler = Reconciler(world.db, world.clock, _Checks(check))
    check.subjects = ["x", "y"]
    first = await reconciler.run_now(_PATIENCE_S)
    world.clock.advance(5)
    check.subjects = ["y", "z"]
    report = await reconciler.run_now(_PATIENCE_S)
    assert [f.finding.subject for f in report.findings] == ["y", "z"]
    y = report.findings[0]
    assert (y.found_at_ms, y.seen_at_ms) == (first.findings[1].found_at_ms, world.clock.now_ms())
    assert not report.agrees
    check.subjects = []
    assert (await reconciler.run_now(_PATIENCE_S)).agrees


async def test_one_that_hangs_keeps_no_other_waiting_and_is_given_up(world: World) -> None:
    slow, quick = _Scripted("slow"), _Scripted("quick")
    reconciler = Reconciler(world.db, world.clock, _Checks(slow, quick), limit_s=0.2)
    slow.subjects = ["x"]
    await reconciler.run_now(_PATIENCE_S)
    slow.go_on.clear()
    for rounds in range(2, 4):
        report = await reconciler.run_now(_PATIENCE_S)
        assert len(quick.cursors) == rounds
    states = {state.name: state for state in report.checks}
    assert states["slow"].error == "It took longer than 0.2 s."
    assert states["quick"].error is None
    assert await _subjects(reconciler) == ["x"]  # nothing is settled by a look that did not end


async def test_of_two_processes_one_looks(world: World) -> None:
    check = _Scripted("a")
    check.go_on.clear()
    first, second = (Reconciler(world.db, world.clock, _Checks(check)) for _ in range(2))
    begun = asyncio.create_task(first.run_once())
    while not check.cursors:
        await asyncio.sleep(0)
    await second.run_once()
    assert len(check.cursors) == 1
    [state] = (await second.report()).checks
    assert state.is_running
    asked = asyncio.create_task(second.run_now(_PATIENCE_S))
    check.go_on.set()
    await asyncio.gather(begun, asked)
    assert len(check.cursors) == 2  # whoever asks gets a look of his own


async def test_a_look_that_is_cut_off_is_begun_anew_at_once(world: World) -> None:
    check = _Scripted("a")
    check.go_on.clear()
    reconciler = Reconciler(world.db, world.clock, _Checks(check))
    begun = asyncio.create_task(reconciler.run_once())
    while not check.cursors:
        await asyncio.sleep(0)
    await reconciler.drain()
    await begun
    check.go_on.set()
    await Reconciler(world.db, world.clock, _Checks(check)).run_once()
    assert len(check.cursors) == 2


async def test_the_unforeseen_ends_one_look_and_no_more(world: World) -> None:
    bad, good = _Scripted("bad"), _Scripted("good")

    async def fail(cursor: str) -> Look:
        raise ZeroDivisionError(cursor)

    bad.look = fail  # type: ignore[method-assign]  # fault injection
    report = await Reconciler(world.db, world.clock, _Checks(bad, good)).run_now(_PATIENCE_S)
    assert [state.error for state in report.checks] == ["Something went wrong here: ZeroDivisionError.", None]


async def test_a_check_that_is_no_more_is_forgotten_with_what_it_found(world: World) -> None:
    old, new = _Scripted("old"), _Scripted("new")
    old.subjects = ["x"]
    checks = _Checks(old, new)
    reconciler = Reconciler(world.db, world.clock, checks)
    await reconciler.run_now(_PATIENCE_S)
    checks.checks = [new]
    report = await reconciler.run_now(_PATIENCE_S)
    assert [state.name for state in report.checks] == ["new"]
    assert report.agrees
