"""The recipes, the quickstart and the client's page are followed as they stand there."""

import asyncio
import html
import json
import re
import subprocess
from pathlib import Path

import httpx

from rtcstack.client import Client
from rtcstack.demo.participant import Participant
from tests.e2e.client.conftest import TENANT, new_key, until
from tests.e2e.client.programs import Followed, running
from tests.support.appliance import Appliance
from tests.support.own_bucket import make_own_bucket
from tests.support.pages import DOCS, Reader
from tests.support.ports import free_port

_WAIT_S = 60
_RECIPES = {
    "record-every-room.md",
    "post-process-with-a-webhook.md",
    "move-to-r2.md",
    "keep-recordings-for-30-days.md",
    "clips-from-highlights.md",
    "embed-the-join-page.md",
}


def test_every_recipe_is_followed() -> None:
    assert {page.name for page in (DOCS / "recipes").glob("*.md")} == {*_RECIPES, "README.md"}


async def test_a_room_is_recorded_by_itself_and_its_recording_is_published(
    reader: Reader, client: Client, tmp_path: Path
) -> None:
    every = Followed("recipes/record-every-room.md", tmp_path)
    after = Followed("recipes/post-process-with-a-webhook.md", tmp_path)
    assert json.loads(await reader.printed(every.blocks[0]))["hall_id"]
    port, register = str(free_port()), after.blocks[0]
    webhook = json.loads(await reader.printed(register.replace(":3000", f":{port}")))
    [*_, receive] = after.blocks[1].splitlines()
    async with (
        running(reader, receive, tmp_path, PORT=port, WEBHOOK_SECRETS=webhook["secret"]) as receiver,
        running(reader, every.blocks[1], tmp_path) as recorder,
    ):
        await client.rooms.create("made-elsewhere")
        token = await client.rooms.token("made-elsewhere", "ada")
        async with Participant(token.url, token.token, 0):
            await recorder.printed("made-elsewhere: starting")
            await until(client, "made-elsewhere", "recording")
            await client.rooms.stop_recording("made-elsewhere")
        recording_id = await until(client, "made-elsewhere", "ready")
        await receiver.printed(f"published {recording_id} of made-elsewhere")
    await client.webhooks.delete(webhook["id"])
    assert _streams(tmp_path / "public" / f"{recording_id}.mp4") == ["aac", "h264 360"]
    assert _streams(tmp_path / "public" / f"{recording_id}.m4a") == ["aac"]
    assert [kept.name[:4] for kept in (tmp_path / "done").iterdir()] == ["evt_"]


async def test_recordings_move_to_a_bucket_of_ones_own(
    reader: Reader, client: Client, recorded: str, appliance: Appliance, tmp_path: Path
) -> None:
    page = Followed("recipes/move-to-r2.md", tmp_path)
    own = make_own_bucket(appliance.settings.storage, "recordings")
    given = {
        "https://ACCOUNT.r2.cloudflarestorage.com": own.endpoint,
        "R2_ACCESS_KEY": own.access_key_id,
        "R2_SECRET": own.secret_access_key,
    }
    command = page.blocks[0]
    for text, value in given.items():
        assert text in command
        command = command.replace(text, value)
    assert json.loads(await reader.printed(command))["may_read"] is True
    for move in page.blocks[1:]:
        [_, *words] = move.replace("--tenant default", f"--tenant {TENANT}").split()
        ran = appliance.command(*words)
        for _ in range(60):
            if ran.returncode == 0:
                break
            assert "run this again" in ran.stderr, ran.stdout + ran.stderr
            await asyncio.sleep(1)
            ran = appliance.command(*words)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    link = (await client.library.download(recorded)).download_url or ""
    assert f"/{own.name}/" in link
    async with httpx.AsyncClient() as plain:
        assert b"ftyp" in (await plain.get(link)).raise_for_status().content[:16]
    await client.storage.delete()


async def test_marks_become_clips(reader: Reader, recorded: str, tmp_path: Path) -> None:
    page = Followed("recipes/clips-from-highlights.md", tmp_path)
    reader.variables["RECORDING_ID"] = recorded
    lines = (await reader.printed(page.blocks[0], tmp_path)).splitlines()
    assert [line.split(": http")[0] for line in lines] == ["The question", "The answer, in short"]


async def test_a_page_of_ones_own_shows_the_room(reader: Reader, tmp_path: Path) -> None:
    page, port = Followed("recipes/embed-the-join-page.md", tmp_path), free_port()
    [command] = page.blocks
    async with running(reader, f"env {command.replace('3000', str(port))}", tmp_path):
        shown = await _once_there(f"http://127.0.0.1:{port}/?name=Ada%20L")
    [link] = re.findall(r'src="([^"]+)"', shown)
    assert "/join/" in link
    async with httpx.AsyncClient() as browser:
        joined = (await browser.get(html.unescape(link))).raise_for_status()
    assert "Ada L" in joined.text


async def _once_there(url: str) -> str:
    """Return what is served there, as soon as it is."""
    async with asyncio.timeout(_WAIT_S), httpx.AsyncClient() as browser:
        while True:
            try:
                return (await browser.get(url)).raise_for_status().text
            except httpx.ConnectError:
                await asyncio.sleep(0.1)


async def test_what_is_old_is_deleted(appliance: Appliance, reader: Reader, tmp_path: Path) -> None:
    page = Followed("recipes/keep-recordings-for-30-days.md", tmp_path)
    key = new_key(appliance, "--tenant", "forgetful")
    reader.variables["RTCSTACK_KEY"] = key
    async with Client(appliance.url, key) as client:
        await client.rooms.create("old")
        await client.rooms.start_recording("old")
        await client.rooms.stop_recording("old")
        recording_id = await _ended(client)
        assert await reader.printed(page.blocks[0], tmp_path) == ""
        told = await reader.printed(page.blocks[0].replace("23", "0"), tmp_path)
        assert told.startswith(f"{recording_id} of old")
        assert (await client.library.list().page()).meta.total == 0
        await client.rooms.close("old")


async def test_the_clients_examples_run(reader: Reader, recorded: str, tmp_path: Path) -> None:
    Followed("client.md", tmp_path)
    assert recorded in await reader.printed("python first.py", tmp_path)
    awaited = await reader.printed("python awaited.py", tmp_path)
    assert recorded in awaited
    assert "404" in awaited


async def test_the_quickstart_leads_to_a_clip(reader: Reader, client: Client, tmp_path: Path) -> None:
    [_, make, invite, start, stop, show, clip] = Followed("quickstart.md", tmp_path).blocks
    await reader.printed(_without_exports(make))
    assert "/join/" in json.loads(await reader.printed(invite))["url"]
    async with await reader.join("first-room"):
        await reader.settle(json.loads(await reader.printed(start)))
        await reader.settle(json.loads(await reader.printed(stop)))
    [recording] = json.loads(await reader.printed(show))
    assert recording["downloadUrl"]
    reader.variables["ID"] = recording["recordingId"]
    cut = _without_exports(clip).replace(
        '"start_seconds": 1, "end_seconds": 3', '"start_seconds": 0, "end_seconds": 1'
    )
    assert cut.count("first-clip") == 1
    await reader.printed(cut)
    [made] = await client.clips.list(recording["recordingId"])
    async with asyncio.timeout(_WAIT_S):
        while (status := (await client.clips.get(made.clip_id)).status) == "processing":
            await asyncio.sleep(0.1)
    assert status == "complete"


async def _ended(client: Client) -> str:
    """Return the id of the only recording once it has ended, in whatever way."""
    async with asyncio.timeout(_WAIT_S):
        while True:
            [recording] = (await client.library.list().page()).data
            if recording.status in {"ready", "failed"}:
                return recording.id
            await asyncio.sleep(0.1)


def _without_exports(block: str) -> str:
    return "\n".join(line for line in block.splitlines() if not line.startswith("export "))


def _streams(file: Path) -> list[str]:
    """Return the codecs, and the height of pictures."""
    argv = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(file)]
    ran = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    streams = json.loads(ran.stdout)["streams"]
    return sorted(f"{one['codec_name']} {one.get('height', '')}".strip() for one in streams)
