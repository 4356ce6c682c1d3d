"""The self-check on a whole running appliance, and what it says when a promise is not kept."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from rtcstack.demo.client import Client
from rtcstack.demo.plan import Plan
from rtcstack.demo.run import self_check
from rtcstack.demo.step import Step
from tests.support.appliance import Appliance

_KEY_REVOKED = "The self-check's own key is revoked"


def _plan(appliance: Appliance, **changes: Any) -> Plan:
    wanted = {"api_url": appliance.url, "data": appliance.data, "bucket": appliance.settings.storage.bucket}
    return Plan(**{**wanted, "seconds": 4, "key": appliance.api_key, **changes})


@pytest.mark.alone  # the self-check holds pictures, sound and lengths against the clock
def test_the_command_proves_the_appliance_and_leaves_only_the_recording(appliance: Appliance) -> None:
    ran = appliance.command("demo", "--seconds", "4", "--participants", "3", "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    outcome = json.loads(ran.stdout)
    assert outcome["ok"]
    assert outcome["object_uri"].startswith(f"s3://{appliance.settings.storage.bucket}/{outcome['room_id']}/")
    assert outcome["steps"][-1]["title"] == _KEY_REVOKED
    keys = json.loads(appliance.command("keys", "list", "--json").stdout)
    assert {bool(key["revoked_at"]) for key in keys if key["name"] == "self-check"} == {True}


async def test_a_key_that_is_none_fails_at_the_first_call(appliance: Appliance) -> None:
    outcome = await self_check(_plan(appliance, key="rtc_live_none"))
    assert not outcome.is_ok
    assert [step.title for step in outcome.steps] == ["Appliance ready", "Webhook endpoint"]
    assert "Expected 201 from POST /v1/webhooks; seen: 401" in outcome.steps[1].result
    assert "api.log" in outcome.steps[1].result


async def test_nobody_there_is_said_before_anything_is_made(tmp_path: Path, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    outcome = await self_check(Plan(api_url=url, data=tmp_path / "data", bucket="b"))
    assert [step.title for step in outcome.steps] == ["Appliance ready"]
    assert f"no answer from {url}" in outcome.steps[0].result
    assert not (tmp_path / "data").exists()


async def test_a_room_that_vanishes_is_noticed_and_what_was_made_is_taken_away(appliance: Appliance) -> None:
    """Somebody else deletes the room while it is recorded."""
    steps: dict[str, Step] = {}
    deleting: list[asyncio.Task[Any]] = []

    async with Client(appliance.url, appliance.api_key, "") as somebody:

        def watch(step: Step) -> None:
            steps[step.title] = step
            if step.title == "Recording started":
                path = f"/v1/rooms/{steps['Room'].result}"
                deleting.append(asyncio.create_task(somebody.call("DELETE", path, status=204)))

        outcome = await self_check(_plan(appliance), watch)
        await asyncio.gather(*deleting)
        webhooks = await somebody.call("GET", "/v1/webhooks")
    assert not outcome.is_ok
    assert not steps["Recording"].is_ok
    assert "seen: 404" in steps["Recording"].result
    assert "room_not_found" in steps["Recording"].result
    assert steps["Webhook endpoint deleted"].is_ok
    assert steps["Webhook endpoint"].result not in [webhook["url"] for webhook in webhooks]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_self_check_takes_its_key_and_room_away(
    appliance: Appliance, number: signal.Signals
) -> None:
    argv = [sys.executable, "-m", "rtcstack", "demo", "--seconds", "60", "--data", str(appliance.data)]
    process = await asyncio.create_subprocess_exec(
        *argv, env=appliance.environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while "Recording started" not in (line := (await process.stdout.readline()).decode()):
            assert line, "the self-check ended before it recorded"
        process.send_signal(number)
        rest = (await process.communicate())[0].decode()
    assert process.returncode == 128 + number
    for title in ("Room deleted, recording kept", "Webhook endpoint deleted", _KEY_REVOKED):
        assert f"ok {title}" in rest
