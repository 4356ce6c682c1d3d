"""The bundle under a domain, with certificates of Caddy's own authority: the same edge as with public ones."""

import asyncio
import io
import socket
import ssl
import subprocess
from collections.abc import Iterator
from http import HTTPStatus
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from livekit.protocol.rtc import SignalResponse

from tests.support.bundle import Bundle, require
from tests.support.ports import free_port
from tests.support.turn import allocate

pytestmark = [pytest.mark.compose, pytest.mark.alone]
_DOMAIN = "video.test"
_CALLER = Path(__file__).parent / "relayed_caller.py"


def _machines_address() -> str:
    """Return an address of this machine that containers reach as well, as they reach a public one: that of Docker's bridge."""
    argv = ["docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Subnet}}"]
    subnet = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
    return str(next(ip_network(subnet, strict=False).hosts()))


class Domain(Bundle):
    def __init__(self, folder: Path) -> None:
        self.host = _machines_address()
        self.http_port, self.https_port = free_port(), free_port()
        super().__init__(
            folder,
            RTCSTACK_DOMAIN=_DOMAIN,
            RTCSTACK_TLS_INTERNAL="1",
            RTCSTACK_BIND=self.host,
            RTCSTACK_NODE_IP=self.host,
            RTCSTACK_HTTP_PORT=str(self.http_port),
            RTCSTACK_HTTPS_PORT=str(self.https_port),
            RTCSTACK_TURN_UDP_PORT=str(free_port()),
        )
        self.authority = folder / "root.crt"

    def fetch_authority(self) -> None:
        place = "/data/caddy/pki/authorities/local/root.crt"
        self.authority.write_text(self.run("exec", "-T", "caddy", "cat", place), encoding="utf-8")
        self.authority.chmod(0o644)

    @property
    def trusting(self) -> tuple[str, ...]:
        """What a container needs to trust the authority."""
        return "-v", f"{self.authority}:/ca.crt:ro", "-e", "SSL_CERT_FILE=/ca.crt"

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    def session(self) -> aiohttp.ClientSession:
        """A client to whom every name of the domain leads here."""
        connector = aiohttp.TCPConnector(ssl=self.trust, resolver=_Here(self.host, self.https_port))
        return aiohttp.ClientSession(connector=connector)


class _Here(AbstractResolver):
    """The published port is not 443: other tests run beside this one."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        assert port == 443
        found: ResolveResult = {
            "hostname": host,
            "host": self._host,
            "port": self._port,
            "family": family,
            "proto": 0,
            "flags": 0,
        }
        return [found]

    async def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Domain]:
    require()
    made = Domain(tmp_path_factory.mktemp("domain"))
    try:
        made.up()
        made.fetch_authority()
        yield made
    finally:
        made.down()


def test_the_self_check_passes_over_tls_by_the_public_names(domain: Domain) -> None:
    outcome = domain.demo(*domain.trusting)
    assert outcome["ok"], outcome
    assert outcome["download_url"].startswith(f"https://s3.{_DOMAIN}/")


async def test_the_edge_redirects_protects_and_hides_what_is_for_inside(domain: Domain) -> None:
    async with httpx.AsyncClient(trust_env=False) as plain:
        moved = await plain.get(
            f"http://{domain.host}:{domain.http_port}/v1/rooms", headers={"host": _DOMAIN}
        )
    assert moved.status_code == HTTPStatus.PERMANENT_REDIRECT
    assert moved.headers["location"] == f"https://{_DOMAIN}/v1/rooms"
    async with domain.session() as session:
        async with session.get(f"https://{_DOMAIN}/readyz") as answer:
            assert answer.status == HTTPStatus.OK
            assert "max-age=" in answer.headers["strict-transport-security"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "h3=" in answer.headers["alt-svc"]
            assert "server" not in answer.headers
        async with session.post(f"https://{_DOMAIN}/hooks/livekit", data=b"{}") as answer:
            assert answer.status == HTTPStatus.NOT_FOUND
        async with session.post(f"https://{_DOMAIN}/v1/rooms", data=io.BytesIO(bytes(3_000_000))) as answer:
            assert answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        async with session.get(f"https://console.{_DOMAIN}/") as answer:
            assert answer.status == HTTPStatus.OK


async def _token(domain: Domain, session: aiohttp.ClientSession, identity: str) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {domain.key()}"}
    body = {"identity": identity}
    async with session.post(f"https://{_DOMAIN}/v1/rooms/turn/tokens", json=body, headers=headers) as answer:
        join: dict[str, Any] = await answer.json()
    assert join["url"] == f"wss://livekit.{_DOMAIN}"
    return join


async def _joined(domain: Domain, session: aiohttp.ClientSession) -> Any:
    """Return what LiveKit tells a client that joins through the edge."""
    join = await _token(domain, session, "ann")
    async with session.ws_connect(
        f"{join['url']}/rtc?access_token={join['token']}&protocol=16"
    ) as signalling:
        return SignalResponse.FromString(await signalling.receive_bytes(timeout=10)).join


async def test_turn_over_tls_shares_the_web_port(domain: Domain) -> None:
    async with domain.session() as session:
        join = await _joined(domain, session)
    (turn,) = [one for one in join.ice_servers if one.username]
    assert f"turns:turn.{_DOMAIN}:443?transport=tcp" in turn.urls
    with (
        socket.create_connection((domain.host, domain.https_port), timeout=10) as plain,
        domain.trust.wrap_socket(plain, server_hostname=f"turn.{_DOMAIN}") as stream,
    ):
        assert allocate(stream, turn.username, turn.credential).relayed == domain.host


async def test_a_participant_that_may_use_turn_only_is_heard(domain: Domain) -> None:
    async with domain.session() as session:
        joins = [await _token(domain, session, identity) for identity in ("relayed", "free")]
    words = ("run", "--rm", "-T", "--no-deps", *domain.trusting, "-v", f"{_CALLER}:/caller.py:ro")
    tokens = [join["token"] for join in joins]
    run = ("--entrypoint", "python", "api", "/caller.py", joins[0]["url"], *tokens)
    assert "heard" in await asyncio.to_thread(domain.run, *words, *run)
