"""What the tests of the reconciler read from its report."""

import asyncio
from dataclasses import dataclass
from typing import Any

from rtcstack.domain.recording import Recording, RecordingState
from tests.integration.api.conftest import Api

URL = "/v1/admin/reconcile"
WAIT_S = 60


@dataclass
class Operator:
    """Whoever runs the appliance; `look` has every check look now."""

    api: Api
    headers: dict[str, str]

    async def look(self) -> dict[str, Any]:
        answer = await self.api.http.post(URL, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def until(self, recording_id: str, state: RecordingState) -> Recording:
        async with asyncio.timeout(WAIT_S):
            while True:
                recording = await self.api.platform.services.recording_query.get("default", recording_id)
                if recording.state is state:
                    return recording
                await asyncio.sleep(0.05)


async def operator_of(api: Api) -> Operator:
    _, text = await api.platform.services.access.create_key("ops", is_operator=True)
    return Operator(api, {"authorization": f"Bearer {text}"})


def open_of(report: dict[str, Any], subject: str) -> list[str]:
    """Return the kinds of what is found and open of it."""
    return [found["kind"] for found in report["findings"] if found["subject"] == subject]


def mended(report: dict[str, Any], subject: str) -> list[str]:
    """Return what the audit log tells of it."""
    told = [entry["details"] for entry in report["repairs"] if entry["action"] == "reconcile.repair"]
    return [details["finding"] for details in told if details["subject"] == subject]
