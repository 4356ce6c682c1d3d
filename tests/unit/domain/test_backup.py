import json
from typing import Any

import pytest

from rtcstack.domain.backup import STATE, BackupFacts, FileFacts, from_json, to_json
from rtcstack.errors import Invalid

_FACTS = BackupFacts("2026-11-21T21-45-00Z", 1, "0.1.0", {STATE: FileFacts(3, "00")}, 1, 1, 3, [])


def _told(**changed: Any) -> str:
    return json.dumps({**json.loads(to_json(_FACTS)), **changed})


def test_the_facts_come_back_as_they_were_written() -> None:
    assert from_json(to_json(_FACTS)) == _FACTS


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "../../elsewhere"},
        {"name": ""},
        {"files": {"../../authorized_keys": {"size_bytes": 3, "sha256": "00"}}},
        {"files": {"/etc/passwd": {"size_bytes": 3, "sha256": "00"}}},
        {"files": {"other": {"size_bytes": 3, "sha256": "00"}}},
    ],
)
def test_names_that_lead_elsewhere_are_no_facts(changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="a name, or a file, that none has"):
        from_json(_told(**changed))
