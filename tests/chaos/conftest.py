"""What the promises of docs/operations/reliability.md are tested with: processes to be killed, and an appliance of their own.

`CHAOS=full` in the environment (`scripts/test --chaos full`) takes the full counts; `CHAOS_SEED` repeats a run's random choices.
"""

import os
import random
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from rtcstack.bootstrap_access import open_access
from rtcstack.settings import Settings
from tests.chaos.api_process import ApiProcess
from tests.chaos.counts import FULL, SMALL, Counts
from tests.chaos.livekit_events import Teller, signer
from tests.chaos.receiver import Receiver, receiving
from tests.chaos.relay import Relay, relaying
from tests.e2e.conftest import caller
from tests.integration.egress.dispatcher.harness import WorkerProcess
from tests.support.appliance import Appliance, running_appliance
from tests.support.database import put_database
from tests.support.single_part import SinglePart

__all__ = ["caller"]  # calls the appliance of this folder
_ENVIRON = os.environ  # noqa: TID251 - how much is tested is said outside
_figures: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _figures:
        terminalreporter.section("figures")
    for line in _figures:
        terminalreporter.write_line(line)


@pytest.fixture
def figure() -> Callable[[str], None]:
    """Say what was counted or measured; it stands at the end of the run."""
    return _figures.append


@pytest.fixture(scope="session")
def counts() -> Counts:
    return FULL if _ENVIRON.get("CHAOS") == "full" else SMALL


@pytest.fixture
def rng() -> random.Random:
    """Choices that a failed test's output tells how to repeat."""
    seed = int(_ENVIRON.get("CHAOS_SEED") or random.randrange(2**32))
    print(f"CHAOS_SEED={seed}")  # noqa: T201 - shown if the test fails
    return random.Random(seed)


@pytest.fixture(scope="session")
def appliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """An appliance whose parts are killed; each test waits until it is well again."""
    with running_appliance(tmp_path_factory.mktemp("chaos")) as made:
        yield made


@pytest.fixture
def api_settings(
    settings: Settings,
    livekit_server: SinglePart,
    minio_server: SinglePart,
    tmp_path: Path,
) -> Settings:
    """Return settings that lead to the running servers, with a database of the test's own."""
    del livekit_server, minio_server  # only have to run
    own = settings.model_copy(update={"data": tmp_path / "api"})
    put_database(own.database_path)
    return own


@pytest.fixture
async def stopped_api(api_settings: Settings) -> AsyncIterator[ApiProcess]:
    async with open_access(api_settings) as access:
        _, key = await access.create_key("default")
    process = ApiProcess(api_settings, key)
    yield process
    await process.close()


@pytest.fixture
async def api(stopped_api: ApiProcess) -> ApiProcess:
    """Return the API as a process; LiveKit's own events do not reach it, a test tells it what there is to tell."""
    await stopped_api.start()
    return stopped_api


@pytest.fixture
async def teller(stopped_api: ApiProcess) -> AsyncIterator[Teller]:
    async with Teller(stopped_api.url, signer(stopped_api.settings)) as opened:
        yield opened


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def relay(settings: Settings, livekit_server: SinglePart) -> AsyncIterator[Relay]:
    del livekit_server  # only has to run
    async with relaying(settings) as opened:
        yield opened


@pytest.fixture
def worker(api_settings: Settings, settings: Settings, tmp_path: Path) -> Iterator[WorkerProcess]:
    """An Egress worker with a spool of the test's own."""
    del api_settings  # the servers have to run
    process = WorkerProcess(settings, tmp_path)
    process.start()
    yield process
    process.kill()
