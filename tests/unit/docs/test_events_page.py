"""The page of events shows each of them, as the OpenAPI document does."""

import json
import re
from pathlib import Path

from rtcstack.api.openapi_webhooks import webhooks

_PAGE = Path(__file__).parents[3] / "docs" / "api" / "events.md"
_ENTRY = re.compile(r"^`([\w.]+)`: [^\n]+\n\n```json\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_page_shows_every_event_with_its_example() -> None:
    shown = {name: json.loads(body) for name, body in _ENTRY.findall(_PAGE.read_text(encoding="utf-8"))}
    assert shown == {name: example for name, (_, _, example) in webhooks().items()}
