from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from rtcstack.settings import Settings
from tests.integration.egress.recorder.harness import Stagehand
from tests.support.single_part import SinglePart


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep other tests away: a recorder that starves repeats pictures, and these look at the very moments."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.alone)


@pytest.fixture
def stage(settings: Settings, livekit_server: SinglePart, tmp_path: Path) -> Iterator[Stagehand]:
    """A room of its own on the real LiveKit."""
    del livekit_server  # only has to run
    stagehand = Stagehand(settings.livekit, tmp_path / "spool", f"room-{uuid4().hex[:8]}")
    yield stagehand
    stagehand.clear()
