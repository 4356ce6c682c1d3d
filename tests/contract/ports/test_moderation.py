"""What services may rely on, held against the fake and the real providers alike."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rtcstack.adapters.moderation.configured import configured
from rtcstack.ports.moderation import Moderator
from rtcstack.settings import load
from tests.fakes.moderation import FakeModerator
from tests.support.moderation import GREY, RED, jpeg, redness_model
from tests.support.video_intelligence import video_intelligence

_HARMLESS = {"fake": b"clean"}
_FOUND = {"fake": b"nsfw 0.9"}


@pytest.fixture(params=["fake", "local", "google"])
async def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def moderator(kind: str, tmp_path: Path) -> AsyncIterator[Moderator]:
    if kind == "fake":
        yield FakeModerator()
        return
    with video_intelligence() as service:
        google = {
            "RTCSTACK_MODERATION__PROVIDER": "google",
            "RTCSTACK_MODERATION__ENDPOINT": service.endpoint,
        }
        environ = google if kind == "google" else redness_model(tmp_path / "redness.onnx").environ
        opened = configured(load(environ).moderation)
        await opened.open()
        yield opened
        await opened.close()


async def test_each_judgement_is_of_a_picture_that_was_shown(moderator: Moderator, kind: str) -> None:
    harmless, found = _HARMLESS.get(kind, jpeg(GREY)), _FOUND.get(kind, jpeg(RED))
    judged = await moderator.look([harmless, found, harmless, b"broken", found])
    assert {one.picture for one in judged if one.likelihood >= 0.7} == {1, 4}
    assert all(0 <= one.likelihood <= 1 and one.category and one.picture != 3 for one in judged)
    assert moderator.provider in {"fake", "local", "google"}


async def test_of_nothing_nothing_is_said(moderator: Moderator) -> None:
    assert list(await moderator.look([])) == []
