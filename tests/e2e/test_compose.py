"""`docker compose up`, as it ships: the self-check, stops and crashes while rooms are recorded, volumes of before."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from rtcstack.demo.inspect import inspect
from rtcstack.demo.participant import Participant
from rtcstack.demo.schedule import Media
from tests.support.bundle import Bundle, require, until

pytestmark = [pytest.mark.compose, pytest.mark.alone]
_SERVICES = ("api", "egress", "livekit", "redis", "minio", "caddy")
_PREVIOUS = Path(__file__).parent / "previous"
_USER = 10001
_MEDIA = Media(encoded=True, audio_frame_ms=50)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundle]:
    require()
    made = Bundle(tmp_path_factory.mktemp("bundle"))
    try:
        made.up()
        yield made
    finally:
        made.down()


@asynccontextmanager
async def recorded(http: httpx.Client, *rooms: str) -> AsyncIterator[None]:
    """Within the block there is somebody in each of the rooms, and each is being recorded for a few seconds already."""
    post = partial(asyncio.to_thread, http.post)
    async with AsyncExitStack() as people:
        for index, room in enumerate(rooms):
            await post("/v1/rooms", json={"roomId": room})
            answer = await post(f"/v1/rooms/{room}/tokens", json={"identity": "ann"})
            join = answer.raise_for_status().json()
            await people.enter_async_context(Participant(join["url"], join["token"], index, _MEDIA))
            (await post(f"/v1/rooms/{room}/recording/start")).raise_for_status()
        await asyncio.sleep(4)
        yield


def whole(http: httpx.Client, room: str, index: int, folder: Path) -> None:
    """Expect the room's one recording to be there, to play, and to show and sound as it was up to its end."""

    def listed() -> dict[str, Any]:
        (found,) = http.get(f"/v1/rooms/{room}/recordings").raise_for_status().json()
        return dict(found)

    until(f"{room} has its recording", lambda: bool(listed().get("downloadUrl")))
    file = folder / f"{room}.mp4"
    file.write_bytes(httpx.get(listed()["downloadUrl"], trust_env=False).raise_for_status().content)
    facts = inspect(file, [index])
    assert facts.size_bytes == listed()["size"]
    assert facts.duration_s >= 3
    for found in (facts.seen[index], facts.heard[index]):  # on a busy machine the first picture comes late
        assert found.first_s is not None
        assert found.first_s < facts.duration_s - 1
        assert found.share * facts.duration_s > 0.7 * (facts.duration_s - found.first_s)


def test_the_self_check_passes(bundle: Bundle) -> None:
    outcome = bundle.demo()
    assert outcome["ok"], outcome
    assert outcome["download_url"].startswith(f"http://127.0.0.1:{bundle.settings['RTCSTACK_S3_PORT']}/")


def test_the_doctor_finds_nothing_wrong(bundle: Bundle) -> None:
    told = json.loads(bundle.run("run", "--rm", "-T", "api", "doctor", "--no-live", "--json"))
    found = {finding["id"] for finding in told["findings"]}
    assert {"database.integrity", "store.bucket", "database.schema"} <= found
    assert [finding for finding in told["findings"] if finding["level"] == "error"] == []


def test_parts_run_without_rights_and_keep_within_limits(bundle: Bundle) -> None:
    for service in _SERVICES:
        found = bundle.inspect(service)
        host = found["HostConfig"]
        assert found["Config"]["User"] == f"{_USER}:{_USER}", service
        assert host["ReadonlyRootfs"], service
        assert host["CapDrop"] == ["ALL"], service
        assert host["Memory"] > 0, service
        assert "no-new-privileges:true" in host["SecurityOpt"], service
        assert host["CapAdd"] in (None, ["CAP_NET_BIND_SERVICE"], ["NET_BIND_SERVICE"]), service
        bound = [where["HostIp"] for all_of in (host["PortBindings"] or {}).values() for where in all_of]
        assert set(bound) <= {"127.0.0.1"}, service


def test_docker_shows_no_secret(bundle: Bundle) -> None:
    names = ("redis_password", "storage_secret_key", "livekit_api_secret", "sealing_key")
    told = bundle.run("config") + "".join(str(bundle.inspect(service)) for service in _SERVICES)
    for name in names:
        secret = bundle.run("exec", "-T", "api", "cat", f"/var/lib/rtcstack/secrets/{name}").strip()
        assert len(secret) >= 24, name
        assert secret not in told, name
    seen_by_egress = bundle.run("exec", "-T", "egress", "ls", "/var/lib/rtcstack/secrets")
    assert "redis_password" in seen_by_egress
    assert "sealing_key" not in seen_by_egress


async def test_stopping_while_three_rooms_are_recorded_loses_nothing(bundle: Bundle, tmp_path: Path) -> None:
    rooms = ["stop-0", "stop-1", "stop-2"]
    with bundle.client() as http:
        async with recorded(http, *rooms):
            await asyncio.to_thread(bundle.stop)
        bundle.up()
        for index, room in enumerate(rooms):
            whole(http, room, index, tmp_path)
            assert http.get(f"/v1/rooms/{room}/participants").json() == []  # LiveKit has closed the room, too


async def test_crashed_parts_come_back_and_the_recording_is_kept(bundle: Bundle, tmp_path: Path) -> None:
    with bundle.client() as http:
        async with recorded(http, "crash"):
            await asyncio.to_thread(bundle.crash, "egress")
            await asyncio.to_thread(bundle.crash, "api")
            await asyncio.to_thread(bundle.healthy, ["api", "egress"])  # while somebody is there it goes on
            http.delete("/v1/rooms/crash").raise_for_status()
        whole(http, "crash", 0, tmp_path)
    for service in ("redis", "minio", "livekit", "caddy"):
        bundle.crash(service)
    bundle.healthy(_SERVICES)
    with bundle.client() as http:
        until("everything answers", lambda: http.get("/readyz").status_code == 200)
    assert bundle.demo()["ok"]


def test_volumes_of_an_older_version_are_taken_on(bundle: Bundle) -> None:
    bundle.run("stop", "egress", "api")
    bundle.in_data("cat > secrets/sealing_key", (_PREVIOUS / "sealing_key").read_text(encoding="utf-8"))
    make = "import sqlite3, sys; sqlite3.connect('rtcstack.db').executescript(sys.stdin.read())"
    dump = (_PREVIOUS / "rtcstack.sql").read_text(encoding="utf-8")
    bundle.in_data(f'umask 077; rm -f rtcstack.db*; python -c "{make}"', dump)
    bundle.up()
    with bundle.client() as http:
        (found,) = http.get("/v1/rooms/demo-20261121-211439/recordings").raise_for_status().json()
        assert found["size"] == 1110878
    assert bundle.demo()["ok"]
