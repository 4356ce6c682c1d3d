"""A worker asks the API for the keys of a tenant's bucket: what passes is told from what does not."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import msgspec
import pytest

from rtcstack.adapters.crypto.worker_calls import SecretWorkerCalls
from rtcstack.egress.dispatcher.tenant_keys import TenantKeys
from rtcstack.errors import PartRefused, PartUnavailable
from rtcstack.ports.storage import StoreAccess
from rtcstack.settings import Settings, load

_OURS = ("APIfake", "a secret of the tests that is long enough")
_ACCESS = StoreAccess("http://127.0.0.1:9", "us-east-1", "acme", True, "AK", "a-secret-of-the-tenant")


class _Api(HTTPServer):
    """Answers with one status after the other, and then with the keys."""

    def __init__(self, statuses: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses = statuses
        self.is_proxy = False
        """Whether something before it answers in its place."""

    @property
    def settings(self) -> Settings:
        key, secret = _OURS
        url = f"http://127.0.0.1:{self.server_port}"
        return load(
            {
                "RTCSTACK_LIVEKIT__API_KEY": key,
                "RTCSTACK_LIVEKIT__API_SECRET": secret,
                "RTCSTACK_EGRESS__API_URL": url,
            }
        )


class _Handler(BaseHTTPRequestHandler):
    server: _Api

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        answer: Any = {"error": {"message": f"It is a {status}."}}
        if status == 200:
            calls = SecretWorkerCalls(*_OURS)
            calls.verify(body, self.headers["authorization"])
            sealed = calls.seal(msgspec.json.encode(_ACCESS).decode(), json.loads(body)["recording_id"])
            answer = {"sealed": sealed}
        self.send_response(status)
        self.end_headers()
        page = b"<html>no such page</html>"
        self.wfile.write(page if self.server.is_proxy else json.dumps(answer).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def api() -> Iterator[_Api]:
    with _Api([]) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, PartRefused), (404, PartRefused), (401, PartUnavailable), (503, PartUnavailable)],
)
async def test_only_what_will_not_pass_is_final(api: _Api, status: int, kind: type[Exception]) -> None:
    api.statuses = [status]
    keys = TenantKeys(api.settings)
    with pytest.raises(kind, match=f"It is a {status}.") as told:
        await keys.fetch("rec_1")
    assert type(told.value) is kind
    assert await keys.fetch("rec_1") == _ACCESS


@pytest.mark.parametrize("status", [200, 404, 502])
async def test_what_a_proxy_says_in_place_of_the_api_is_not_final(api: _Api, status: int) -> None:
    api.statuses, api.is_proxy = [status], True
    keys = TenantKeys(api.settings)
    with pytest.raises(PartUnavailable, match="is not the API: <html>no such page"):
        await keys.fetch("rec_1")
    api.is_proxy = False
    assert await keys.fetch("rec_1") == _ACCESS
