"""What is refused is told to people by what they can press."""

import re
from pathlib import Path

import pytest

from rtcstack.dashboard.refusals import _FOR_PEOPLE, for_people

_SERVICES = Path(__file__).parents[3] / "rtcstack" / "services"


@pytest.mark.parametrize(
    ("api", "people"),
    [
        (
            "The endpoint is disabled: 410 Gone. Enable it with paused: false.",
            "The endpoint is disabled: 410 Gone. “Enable” has events sent to it again.",
        ),
        (
            "Recording is archived. Restore it first: POST /api/v1/recordings/rec_1/restore brings it back in the background.",
            "Recording is archived. Restore it first: “Bring back” does that in the background.",
        ),
        (
            "Allow it s3:GetObject, then call POST /v1/settings/storage/test.",
            "Allow it s3:GetObject, then press “Test it” at Settings, Storage.",
        ),
        ("room_ids: at most 100; leave it out for all rooms.", "At most 100 rooms; leave it empty for all."),
        ("cursor: this is none; use `next_cursor` as it is.", "There is no such page of the list."),
        ("There is no recording rec_1.", "There is no recording rec_1."),
    ],
)
def test_a_refusal_says_what_to_press(api: str, people: str) -> None:
    assert for_people(api) == people


def test_every_word_of_the_api_that_is_put_another_way_is_still_said() -> None:
    """A message in several literals of the source is one text here."""
    said = "".join(file.read_text(encoding="utf-8") for file in _SERVICES.rglob("*.py"))
    said = re.sub(r'"\s*f?"', "", said)
    said = re.sub(r"\{[^{}]*\}", "1", said)
    for ours, _ in _FOR_PEOPLE:
        assert re.search(ours, said), ours
