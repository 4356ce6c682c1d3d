"""The real client, hvac, against a small server that speaks the transit engine's documented API."""

import asyncio
import socket
import ssl
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from rtcstack.adapters.crypto.configured import keyring
from rtcstack.adapters.crypto.keyring import Keyring
from rtcstack.adapters.crypto.vault import VaultWrapper
from rtcstack.domain.sealing import WrappedKey, data_key_place
from rtcstack.errors import Internal, PartRefused, PartUnavailable
from rtcstack.services.sealing.check import Upkeep
from rtcstack.settings import Sealing
from tests.support.vault import TOKEN, Refusal, Vault, vault

_DATA_KEY = bytes(range(32))
_PLACE = data_key_place("acme", "dk_1")


@pytest.fixture
def server() -> Iterator[Vault]:
    with vault() as running:
        yield running


def _keyring(server: Vault, **settings: Any) -> Keyring:
    given = {"vault_url": server.url, "vault_token": TOKEN, **settings}
    return keyring(Sealing.model_validate(given))


async def test_a_data_key_comes_back_at_its_place_only(server: Vault) -> None:
    keys = _keyring(server)
    wrapped = await keys.wrap(_DATA_KEY, _PLACE)
    assert wrapped.text.startswith("vault:v1:")
    assert wrapped.kek_id == await keys.current_id() == "vault:transit/rtcstack:v1"
    assert await keys.unwrap(wrapped, _PLACE) == _DATA_KEY
    with pytest.raises(Internal) as caught:
        await keys.unwrap(wrapped, data_key_place("acme", "dk_2"))
    assert caught.value.word == "seal_broken"


async def test_mount_name_and_namespace_are_the_settings(server: Vault) -> None:
    server.keys["team/keys/video"] = server.keys["transit/rtcstack"]
    keys = _keyring(
        server,
        vault_mount="team/keys",
        vault_key_name="video",
        vault_namespace="ns1",
        vault_url=server.url + "/",
    )
    wrapped = await keys.wrap(_DATA_KEY, _PLACE)
    assert await keys.unwrap(wrapped, _PLACE) == _DATA_KEY
    assert server.calls == ["ns1/v1/team/keys/encrypt/video", "ns1/v1/team/keys/decrypt/video"]
    # A key that went by another name is still asked for by that name, and rewrapped under the new one.
    again = await _keyring(server).rewrap(wrapped, _PLACE)
    assert again.kek_id == "vault:transit/rtcstack:v1"
    assert await _keyring(server).unwrap(again, _PLACE) == _DATA_KEY


async def test_after_a_rotation_in_vault_a_rewrap_makes_the_old_version_needless(server: Vault) -> None:
    keys = _keyring(server)
    old = await keys.wrap(_DATA_KEY, _PLACE)
    server.rotate()
    assert await keys.current_id() == "vault:transit/rtcstack:v2"
    server.calls.clear()
    new = await keys.rewrap(old, _PLACE)
    assert server.calls == ["/v1/transit/rewrap/rtcstack"]  # the data key did not leave Vault
    server.min_decryption_version = 2
    assert await keys.unwrap(new, _PLACE) == _DATA_KEY
    with pytest.raises(PartRefused, match="too old"):
        await keys.unwrap(old, _PLACE)


async def test_from_the_appliance_key_to_vault_and_back(server: Vault) -> None:
    alone = keyring(Sealing.model_validate({"key": "local"}))
    wrapped = await alone.wrap(_DATA_KEY, _PLACE)
    there = await _keyring(server, key="local").rewrap(wrapped, _PLACE)
    assert there.kek_id.startswith("vault:")
    back = await _keyring(server, key="local", wrap_with="appliance").rewrap(there, _PLACE)
    assert await alone.unwrap(back, _PLACE) == _DATA_KEY
    with pytest.raises(Internal, match="RTCSTACK_SEALING__VAULT_URL"):
        await alone.unwrap(there, _PLACE)


def _seal(server: Vault) -> None:
    server.is_sealed = True


def _answers(status: int, *errors: str) -> Callable[[Vault], None]:
    def change(server: Vault) -> None:
        server.answer_with = Refusal(status, *errors)

    return change


@pytest.mark.parametrize(
    ("trouble", "error", "words"),
    [
        (_seal, PartRefused, "Vault is sealed"),
        (_answers(403, "permission denied"), PartRefused, "token.*policy"),
        (_answers(401), PartRefused, "token"),
        (_answers(404), PartRefused, "Vault refuses"),
        (_answers(400, "encryption key not found"), PartRefused, "encryption key not found"),
        (_answers(503, "node is in standby"), PartUnavailable, "node is in standby"),
        (_answers(429, "request path exceeds quota"), PartUnavailable, "exceeds quota"),
        (_answers(500, "1 error occurred"), PartUnavailable, "1 error occurred"),
        (_answers(502), PartUnavailable, "BadGateway"),
        (_answers(418), PartUnavailable, "UnexpectedError"),
        (_answers(307), PartUnavailable, "not Vault's"),
        (_answers(204), PartUnavailable, "not Vault's"),
    ],
)
async def test_trouble_is_told_in_words(
    server: Vault, trouble: Callable[[Vault], None], error: type[PartRefused | PartUnavailable], words: str
) -> None:
    keys = _keyring(server)
    wrapped = await keys.wrap(_DATA_KEY, _PLACE)
    trouble(server)
    for work in (keys.wrap(_DATA_KEY, _PLACE), keys.unwrap(wrapped, _PLACE), keys.rewrap(wrapped, _PLACE)):
        with pytest.raises(error, match=words) as caught:
            await work
        assert caught.value.part == "vault"
        assert TOKEN not in "".join(traceback.format_exception(caught.value))


async def test_a_changed_text_is_refused(server: Vault) -> None:
    keys = _keyring(server)
    wrapped = await keys.wrap(_DATA_KEY, _PLACE)
    changed = wrapped.text[:-4] + ("AAA=" if wrapped.text[-4:] != "AAA=" else "BBA=")
    with pytest.raises(PartRefused, match="authentication failed"):
        await keys.unwrap(WrappedKey(changed, wrapped.kek_id), _PLACE)


async def test_nobody_there_and_nobody_answering(server: Vault) -> None:
    with pytest.raises(PartUnavailable, match="ConnectionError"):
        await _keyring(server, vault_url="http://127.0.0.1:1").wrap(_DATA_KEY, _PLACE)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = Sealing.model_validate({"vault_url": url, "vault_token": TOKEN})
        keys = VaultWrapper(settings, timeout_s=(0.5, 0.5))
        with pytest.raises(PartUnavailable, match="Timeout"):
            await keys.wrap(_DATA_KEY, _PLACE)
        silent.settimeout(0.1)
        silent.accept()[0].close()
        for _ in range(100):  # it is not asked again at once, and nobody waits
            with pytest.raises(PartUnavailable, match="Timeout"):
                await keys.wrap(_DATA_KEY, _PLACE)
        with pytest.raises(TimeoutError):
            silent.accept()


async def test_when_it_is_back_it_is_asked_again(server: Vault) -> None:
    keys = _keyring(server)
    server.answer_with = Refusal(500)
    with pytest.raises(PartUnavailable):
        await keys.wrap(_DATA_KEY, _PLACE)
    server.answer_with = None
    await asyncio.sleep(1.1)
    assert await keys.wrap(_DATA_KEY, _PLACE)


def _certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a server's TLS with a certificate of its own for 127.0.0.1, and the certificate's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vault")])
    now = datetime.now(UTC)  # noqa: TID251  # a certificate is checked against the machine's clock
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return tls, folder / "cert.pem"


async def test_a_certificate_is_checked_against_the_one_that_is_set(tmp_path: Path) -> None:
    tls, certificate = _certificate(tmp_path)
    with vault(tls) as server:
        with pytest.raises(PartUnavailable, match="SSLError"):
            await _keyring(server).wrap(_DATA_KEY, _PLACE)
        assert server.calls == []
        assert await _keyring(server, vault_ca_path=certificate).wrap(_DATA_KEY, _PLACE)


async def test_the_token_is_renewed_and_what_is_wrong_with_it_is_no_fault_of_the_worker(
    server: Vault,
) -> None:
    upkeep = Upkeep(_keyring(server, key="local"))
    assert not await upkeep.run_once()
    assert server.renewals == 1
    for trouble in (Refusal(403, "permission denied"), Refusal(500)):
        server.answer_with = trouble
        assert not await upkeep.run_once()
    assert not await Upkeep(keyring(Sealing.model_validate({"key": "local"}))).run_once()
    assert server.renewals == 1


async def test_the_token_is_not_taken_from_elsewhere(server: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "another")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    await _keyring(server).wrap(_DATA_KEY, _PLACE)
