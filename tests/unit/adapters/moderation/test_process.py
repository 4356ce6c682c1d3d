"""Providers in their child processes."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rtcstack.adapters.moderation.configured import configured
from rtcstack.adapters.moderation.off import NoModerator
from rtcstack.adapters.moderation.process import ModeratorProcess
from rtcstack.errors import Invalid, PartUnavailable
from rtcstack.settings import load
from tests.support.moderation import GREY, RED, jpeg, redness_model
from tests.support.video_intelligence import video_intelligence


@asynccontextmanager
async def _opened(environ: dict[str, str]) -> AsyncIterator[ModeratorProcess]:
    moderator = configured(load(environ).moderation)
    assert isinstance(moderator, ModeratorProcess)
    try:
        await moderator.open()
        yield moderator
    finally:
        await moderator.close()


async def test_a_model_works_in_a_process_that_gives_way(tmp_path: Path) -> None:
    model = redness_model(tmp_path / "redness.onnx")
    async with _opened(model.environ) as moderator:
        assert (moderator.provider, moderator.model) == ("local", model.sha256)
        judged = await moderator.look([jpeg(GREY), jpeg(RED)])
        assert [(one.picture, one.category, one.likelihood > 0.9) for one in judged] == [
            (0, "red", False),
            (1, "red", True),
        ]
        assert await moderator.look([]) == ()
        child = moderator._child
        assert child is not None
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == 10
    assert child.returncode is not None


async def test_a_process_that_died_is_started_again(tmp_path: Path) -> None:
    async with _opened(redness_model(tmp_path / "redness.onnx").environ) as moderator:
        first = moderator._child
        assert first is not None
        first.kill()
        await first.wait()
        assert len(await moderator.look([jpeg(RED)])) == 1
        assert moderator._child is not first


async def test_a_look_that_nobody_waits_for_any_more_does_not_answer_the_next(tmp_path: Path) -> None:
    async with _opened(redness_model(tmp_path / "redness.onnx").environ) as moderator:
        looking = asyncio.create_task(moderator.look([jpeg(RED, 1280, 720)] * 40))
        await asyncio.sleep(0.01)
        looking.cancel()
        await asyncio.wait([looking])
        [judged] = await moderator.look([jpeg(GREY)])
        assert judged.likelihood < 0.5


async def test_a_wrong_checksum_is_told_at_the_start(tmp_path: Path) -> None:
    model = redness_model(tmp_path / "redness.onnx")
    environ = {**model.environ, "RTCSTACK_MODERATION__MODEL_SHA256": "0" * 64}
    with pytest.raises(Invalid, match=f"MODEL_SHA256: .* has the SHA-256 {model.sha256}"):
        async with _opened(environ):
            pass


async def test_google_says_at_the_start_where_pictures_go(capsys: pytest.CaptureFixture[str]) -> None:
    with video_intelligence() as service:
        environ = {
            "RTCSTACK_MODERATION__PROVIDER": "google",
            "RTCSTACK_MODERATION__ENDPOINT": service.endpoint,
        }
        async with _opened(environ) as moderator:
            told = capsys.readouterr()
            assert f"leave this machine: they are sent to {service.endpoint}" in told.out + told.err
            [judged] = await moderator.look([jpeg(RED)])
            assert (judged.category, judged.likelihood) == ("explicit_content", 1.0)


async def test_a_service_that_hangs_is_given_up_and_asked_anew() -> None:
    with video_intelligence() as service:
        service.hang = threading.Event()
        environ = {
            "RTCSTACK_MODERATION__PROVIDER": "google",
            "RTCSTACK_MODERATION__ENDPOINT": service.endpoint,
        }
        async with _opened(environ) as moderator:
            moderator._answer_s = 0.5
            with pytest.raises(PartUnavailable, match=r"no answer within"):
                await moderator.look([jpeg(RED)])
            service.hang.set()
            moderator._answer_s = 30
            [judged] = await moderator.look([jpeg(RED)])
            assert judged.likelihood == 1.0


async def test_off_looks_at_nothing() -> None:
    moderator = configured(load({}).moderation)
    assert isinstance(moderator, NoModerator)
    await moderator.open()
    assert await moderator.look([jpeg(RED)]) == ()
    await moderator.close()
