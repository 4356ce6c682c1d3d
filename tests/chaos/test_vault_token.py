"""Promise 22 with a Vault: the token that opens every sealed secret stands nowhere, whatever Vault answers."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.chaos.api_process import ApiProcess
from tests.chaos.canary import files_with, is_in
from tests.chaos.receiver import Receiver
from tests.chaos.waiting import until
from tests.support.vault import TOKEN, Refusal, Vault, vault

pytestmark = [pytest.mark.chaos, pytest.mark.alone]
_REFUSALS = (
    Refusal(400, "encryption key not found"),
    Refusal(403, "permission denied"),
    Refusal(503, "Vault is sealed"),
    Refusal(500, "internal error"),
)


@pytest.fixture
def transit() -> Iterator[Vault]:
    with vault() as opened:
        yield opened


async def test_22_a_vaults_token_lies_nowhere(
    stopped_api: ApiProcess, transit: Vault, receiver: Receiver, tmp_path: Path
) -> None:
    """Mechanisms: `SecretStr`, a file in the environment's place, and errors in our own words, not in the client's."""
    api, answers = stopped_api, list[bytes]()
    token_file = tmp_path / "vault-token"
    token_file.write_text(TOKEN)
    api.environ |= {
        "RTCSTACK_SEALING__VAULT_URL": transit.url,
        "RTCSTACK_SEALING__VAULT_TOKEN_FILE": str(token_file),
        "RTCSTACK_LOG__LEVEL": "debug",
    }

    async def keep(answer: httpx.Response) -> None:
        answers.append(await answer.aread())

    api.http.event_hooks = {"response": [keep]}
    await api.start()
    made = await api.post("/v1/webhooks", {"url": receiver.url})
    receiver.secrets.append(made["secret"])
    await api.http.post(f"/v1/webhooks/{made['id']}/test")
    await until(receiver.has_taken(1), "a webhook is signed with what Vault has opened")
    assert transit.calls
    await _have_trouble(api, transit, receiver, made["id"])
    assert [answer for answer in answers if is_in(answer, TOKEN)] == []
    assert files_with(TOKEN, api.settings.data) == []
    assert _told_by_process(api.pid) == []


async def _have_trouble(api: ApiProcess, transit: Vault, receiver: Receiver, endpoint_id: str) -> None:
    """Have Vault refuse in every way to a process that has opened nothing yet: sealing, signing and readiness all fail."""
    api.kill()
    transit.answer_with = _REFUSALS[0]
    await api.start()
    for n, refusal in enumerate(_REFUSALS):
        transit.answer_with, asked = refusal, len(transit.calls)
        tried = await api.http.post("/v1/webhooks", json={"url": f"{receiver.url}?{n}"})
        assert tried.status_code >= 400, refusal
        await api.http.post(f"/v1/webhooks/{endpoint_id}/test")
        await api.http.get("/readyz")
        assert len(transit.calls) > asked, "Vault was asked"


def _told_by_process(pid: int) -> list[str]:
    return [name for name in ("cmdline", "environ") if is_in(Path(f"/proc/{pid}/{name}").read_bytes(), TOKEN)]
