"""Every check is documented; one that fails itself is told; what is printed can be read and copied."""

import json
import re
from pathlib import Path

from rtcstack.doctor import report
from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Finding, Level, doubtful, fine, wrong
from rtcstack.doctor.live import Live
from rtcstack.doctor.registry import FAMILIES, IDS, examine
from tests.support.environment import free_environment
from tests.unit.doctor.conftest import MakeScene

_ROOT = Path(__file__).parents[3]
_PAGE = _ROOT / "docs" / "operations" / "doctor.md"
_LONG = "word " * 60


def test_every_check_has_its_line_on_the_page_and_nothing_else_has() -> None:
    text = _PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z]+\.[a-z_]+)`", text, re.MULTILINE) == list(IDS)
    for family in dict.fromkeys(name.partition(".")[0] for name in IDS):
        assert f"\n## {family}\n" in text


def test_every_page_that_is_named_is_there() -> None:
    named = {
        found
        for file in (_ROOT / "rtcstack" / "doctor").rglob("*.py")
        for found in re.findall(r'"(docs/[\w/.-]+\.md)', file.read_text())
    }
    assert len(named) > 8
    assert [page for page in named if not (_ROOT / page).is_file()] == []


def test_lines_that_are_commands_hold_nothing_else() -> None:
    """They are copied as they stand: words in brackets behind one would be a mistake of the shell's."""
    sources = [file.read_text() for file in (_ROOT / "rtcstack" / "doctor").rglob("*.py")]
    commands = [line for text in sources for line in re.findall(r"(?:\\n|\")  ([a-z].*?)(?:\\n|\")", text)]
    assert "sudo apt-get install -y chrony" in commands
    assert [line for line in commands if re.search(r" {2,}\(", line)] == []


async def test_all_of_them_run_on_a_folder_that_is_not_there_yet(make_scene: MakeScene) -> None:
    told: list[Finding] = []
    scene = make_scene(free_environment())
    found = await examine(scene, told.append)
    assert found == told
    assert {finding.id for finding in found} <= set(IDS)
    assert [finding.seen for finding in found if "could not be looked at" in finding.seen] == []
    assert {finding.id.partition(".")[0] for finding in found} >= {
        "config",
        "disk",
        "ports",
        "parts",
        "database",
    }
    assert not scene.settings.data.exists()


async def test_a_check_that_fails_itself_is_told_and_the_others_go_on(make_scene: MakeScene) -> None:
    async def cannot(_: object) -> None:
        raise PermissionError(13, "Permission denied", "/x")

    blind = Family("disk", cannot, {"space": lambda *_: [fine("x")], "inodes": lambda *_: [fine("x")]})
    found = await examine(make_scene(), families=(blind, FAMILIES[0]))
    assert [finding.level for finding in found[:2]] == [Level.WARNING] * 2
    assert "Permission denied: '/x'" in found[0].seen
    assert found[2].id == "config.unknown"


def test_lines_are_wrapped_and_commands_are_not() -> None:
    verdict = wrong(_LONG, cause="short", cure=f"Type:\n  {'x' * 200} y", page="docs/cli.md")
    lines = ["".join(report.columns(line)) for line in report.lines(Finding.of("disk.space", verdict), 80)]
    assert lines[0].startswith("disk.space           error    word word")
    assert [line for line in lines if len(line.rstrip()) > 80] == [f"{'':30}      {'  ' + 'x' * 200} y"]
    assert lines[-2].strip() == "page: docs/cli.md"
    [only] = report.lines(Finding.of("disk.space", fine("all is well")), 80)
    assert only == ("disk.space", "ok", "all is well")


def test_the_summary_counts(make_scene: MakeScene) -> None:
    well = [Finding.of("a.b", fine("x"))]
    ill = [
        *well,
        Finding.of("a.c", doubtful("x", cause="", cure="")),
        Finding.of("a.d", wrong("x", cause="", cure="")),
    ]
    assert report.summary(well) == "Everything is well."
    assert report.summary(ill) == "1 error, 1 warning."
    assert next(report.footer(well, Live(left_out="Why."), asked=None)) == "The live check was left out. Why."
    body = json.loads(report.as_json(make_scene(), ill, Live(left_out="Why.")))
    assert (body["ok"], body["errors"], body["warnings"], body["running"]) == (False, 1, 1, False)
    assert body["live"] == {"ran": False, "left_out": "Why.", "steps": []}
    assert set(body["findings"][0]) == {"id", "level", "seen", "cause", "cure", "page"}
