"""Settings → Rules: what the configuration says, where that comes from, and the line that changes it."""

from pathlib import Path

import pytest

from rtcstack.dashboard.fields import Fields
from rtcstack.dashboard.rules import Rule, _days, rules
from rtcstack.domain.tenant import FOR_EVER
from rtcstack.errors import Invalid
from rtcstack.settings import load


def _of(environ: dict[str, str]) -> dict[str, Rule]:
    return {rule.name: rule for rule in rules(load(environ)).rows}


def test_each_rule_says_where_it_comes_from_and_what_to_write(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[audit]\nretention_days = 40\n[moderation]\nthreshold = 0.8\n")
    environ = {"RTCSTACK_CONFIG": str(file), "RTCSTACK_MODERATION__THRESHOLD": "0.9"}
    found = _of(environ)
    audit = found["RTCSTACK_AUDIT__RETENTION_DAYS"]
    assert (audit.origin, audit.how, audit.section, audit.line) == (
        "file",
        "kept for 40 days",
        "audit",
        "retention_days = 40",
    )
    threshold = found["RTCSTACK_MODERATION__THRESHOLD"]
    assert (threshold.origin, threshold.how) == ("environment", "90 % likelihood")
    unset = found["RTCSTACK_RECORDINGS__DELETED_RETENTION_DAYS"]
    assert (unset.origin, unset.how, unset.line) == (
        "default",
        "kept for ever",
        "deleted_retention_days = 30",
    )
    assert found["RTCSTACK_MODERATION__PROVIDER"].line == 'provider = "off"'
    assert rules(load(environ)).file == str(file)


def test_every_line_is_one_that_the_file_may_have(tmp_path: Path) -> None:
    rows = _of({}).values()
    file = tmp_path / "all.toml"
    sections = dict.fromkeys(rule.section for rule in rows)
    lines = [
        "\n".join([f"[{section}]", *(rule.line for rule in rows if rule.section == section)])
        for section in sections
    ]
    file.write_text("\n".join(lines))
    assert {rule.origin for rule in _of({"RTCSTACK_CONFIG": str(file)}).values()} == {"file"}


def test_a_changed_copy_knows_where_its_values_come_from() -> None:
    made = load({"RTCSTACK_AUDIT__RETENTION_DAYS": "7"}).model_copy(update={"data": Path("elsewhere")})
    assert made.origins.of("RTCSTACK_AUDIT__RETENTION_DAYS") == "environment"
    assert made.origins.of("RTCSTACK_API__PORT") == "default"


@pytest.mark.parametrize(
    ("form", "days"),
    [({"kept": "default", "days": "7"}, None), ({"kept": "for_ever"}, FOR_EVER)],
)
def test_days_count_only_where_they_are_chosen(form: dict[str, str], days: int | None) -> None:
    assert _days(Fields(form)) == days
    assert _days(Fields({"kept": "days", "days": "0"})) == 0


@pytest.mark.parametrize("days", ["", "-1", "x", "36501"])
def test_what_is_no_number_of_days_is_refused(days: str) -> None:
    with pytest.raises(Invalid):
        _days(Fields({"kept": "days", "days": days}))


@pytest.mark.parametrize("form", [{}, {"kept": "always"}, {"days": "7"}])
def test_a_form_that_does_not_say_how_long_changes_nothing(form: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        _days(Fields(form))
