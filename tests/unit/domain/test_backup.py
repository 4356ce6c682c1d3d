import json
from typing import Any

import pytest

from rtcstack.domain.backup import STATE, BackupFacts, FileFacts, from_json, to_json
from rtcstack.errors import Invalid

_FACTS = BackupFacts("2026-11-21T21-45-00Z", 1, "0.1.0", {STATE: FileFacts(3, "00")}, 1, 1, 3, [])


def _told(**changed: Any) -> str:
    return json.dumps({**json.loads(to_json(_FACTS)), **changed})


def test_the_facts_come_back_as_they_were_written() -> None:
    assert from_json(to_json(_FACTS), _FACTS.name) == _FACTS


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "2026-11-20T21-45-00Z"},
        {"name": "../../elsewhere"},
        {"name": ""},
        {"files": {"../../authorized_keys": {"size_bytes": 3, "sha256": "00"}}},
        {"files": {"/etc/passwd": {"size_bytes": 3, "sha256": "00"}}},
        {"files": {"other": {"size_bytes": 3, "sha256": "00"}}},
    ],
)
def test_names_that_lead_elsewhere_are_no_facts(changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="a name, or a file, that none has"):
        from_json(_told(**changed), _FACTS.name)


@pytest.mark.parametrize(
    "changed", [{"name": 5}, {"recordings": "x"}, {"files": [1]}, {"created_at_ms": None}]
)
def test_what_is_of_another_kind_is_told_with_its_place(changed: dict[str, Any]) -> None:
    (where,) = changed
    with pytest.raises(Invalid, match=rf"2026-11-21T21-45-00Z\.json does not hold.*\$\.{where}"):
        from_json(_told(**changed), _FACTS.name)


@pytest.mark.parametrize("text", ["", "{", "[]", "5", '"x"', "\ufffd"])
def test_what_is_no_json_of_facts_is_told(text: str) -> None:
    with pytest.raises(Invalid, match="does not hold the facts of a backup"):
        from_json(text, _FACTS.name)
