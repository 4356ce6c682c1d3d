"""`ports/key_wrapper.py` over the transit engine of a HashiCorp Vault: data keys go there to be wrapped and unwrapped, the
key that does it never leaves. (developer.hashicorp.com/vault/api-docs/secret/transit)

What a data key is bound to goes in front of it into the plaintext, as a digest: `rewrap` takes no associated data.
The client blocks, so it runs in a few threads of its own.
"""

import asyncio
import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import hvac
import requests
from hvac import exceptions

from rtcstack.domain.sealing import WrappedKey, altered_or_moved
from rtcstack.errors import PartRefused, PartUnavailable
from rtcstack.settings import Sealing

KIND = "vault"
_T = TypeVar("_T")
_THREADS = 4
_TIMEOUT_S = (2, 5)
"""To connect, and to answer."""
_QUIET_S = 1.0
"""So long after a failure it is not asked again: a thousand tenants must not wait for it one after the other."""
_DIGEST_BYTES = 32
_REFUSED = (
    exceptions.InvalidRequest,
    exceptions.Unauthorized,
    exceptions.Forbidden,
    exceptions.InvalidPath,
    exceptions.VaultNotInitialized,
)


@contextmanager
def _vault_failures(url: str) -> Iterator[None]:
    try:
        yield
    except (exceptions.Unauthorized, exceptions.Forbidden) as e:
        raise PartRefused(
            "Vault refuses the token: it has run out, was revoked, or its policy lacks the key"
            " (docs/operations/secrets.md shows the policy).",
            part=KIND,
        ) from e
    except exceptions.VaultDown as e:
        if "sealed" in str(e):
            raise PartRefused("Vault is sealed; its operators have to unseal it.", part=KIND) from e
        raise PartUnavailable(f"Vault at {url} cannot serve just now: {_words(e)}", part=KIND) from e
    except _REFUSED as e:
        raise PartRefused(f"Vault refuses: {_words(e)}", part=KIND) from e
    except (exceptions.VaultError, requests.RequestException) as e:
        raise PartUnavailable(f"Vault at {url} does not answer as it should: {_words(e)}", part=KIND) from e


def _words(e: Exception) -> str:
    """Return what Vault said, or what kind of failure it was: a client's message may hold the whole request."""
    return ", ".join(e.errors) if isinstance(e, exceptions.VaultError) and e.errors else type(e).__name__


class VaultWrapper:
    """Key ids are `vault:{mount}/{name}:v{version}`; it opens whatever key of that Vault an id names."""

    def __init__(self, settings: Sealing, *, timeout_s: tuple[float, float] = _TIMEOUT_S) -> None:
        assert settings.vault_url
        self._url = settings.vault_url
        self._mount, self._name = settings.vault_mount, settings.vault_key_name
        self._namespace, self._token = settings.vault_namespace, settings.vault_token
        self._verify: bool | str = str(settings.vault_ca_path) if settings.vault_ca_path else True
        self._timeout_s = timeout_s
        self._trouble, self._quiet_until_s = "", 0.0
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix=KIND)

    async def current_id(self) -> str:
        found = await self._call(
            lambda client: client.secrets.transit.read_key(self._name, mount_point=self._mount)
        )
        return _key_id(self._mount, self._name, found["latest_version"])

    async def wrap(self, key: bytes, context: str) -> WrappedKey:
        plaintext = base64.b64encode(_digest(context) + key).decode()
        found = await self._call(
            lambda client: client.secrets.transit.encrypt_data(self._name, plaintext, mount_point=self._mount)
        )
        return _wrapped(self._mount, self._name, found["ciphertext"])

    async def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        mount, name = _mount_and_name(wrapped.kek_id)
        found = await self._call(
            lambda client: client.secrets.transit.decrypt_data(name, wrapped.text, mount_point=mount)
        )
        plaintext = base64.b64decode(found["plaintext"])
        if plaintext[:_DIGEST_BYTES] != _digest(context):
            raise altered_or_moved("A data key", context)
        return plaintext[_DIGEST_BYTES:]

    async def rewrap(self, wrapped: WrappedKey, context: str) -> WrappedKey:
        mount, name = _mount_and_name(wrapped.kek_id)
        if (mount, name) != (self._mount, self._name):
            return await self.wrap(await self.unwrap(wrapped, context), context)
        found = await self._call(
            lambda client: client.secrets.transit.rewrap_data(name, wrapped.text, mount_point=mount)
        )
        return _wrapped(mount, name, found["ciphertext"])

    async def keep_alive(self) -> None:
        await self._call(lambda client: client.auth.token.renew_self())

    def is_ready(self) -> bool:
        return True

    def opens(self, kek_id: str) -> bool:
        return kek_id.startswith(f"{KIND}:")

    async def _call(self, work: Callable[[Any], _T]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, work)

    def _ask(self, work: Callable[[Any], Any]) -> Any:
        """Return the `data` of the answer. Runs in a thread, with a session of its own: they are not for sharing."""
        if time.monotonic() < self._quiet_until_s:
            raise PartUnavailable(self._trouble, part=KIND)
        try:
            return self._answer(work)
        except PartUnavailable as e:
            self._trouble, self._quiet_until_s = e.message, time.monotonic() + _QUIET_S
            raise

    def _answer(self, work: Callable[[Any], Any]) -> Any:
        with requests.Session() as session, _vault_failures(self._url):
            session.trust_env = False  # neither a proxy nor a .netrc gets to see the token
            session.verify = self._verify  # the session's own wins over what the client is given
            client = hvac.Client(
                self._url,
                self._token.get_secret_value(),
                timeout=self._timeout_s,
                namespace=self._namespace,
                session=session,
                allow_redirects=False,
            )
            answer = work(client)
            if not isinstance(answer, dict) or "data" not in answer:  # a redirect, a page: another server
                raise exceptions.UnexpectedError(errors=["the answer is not Vault's"])
            return answer["data"]


def _digest(context: str) -> bytes:
    return hashlib.sha256(context.encode()).digest()


def _key_id(mount: str, name: str, version: str | int) -> str:
    return f"{KIND}:{mount}/{name}:v{version}"


def _mount_and_name(kek_id: str) -> tuple[str, str]:
    path = kek_id.removeprefix(f"{KIND}:").rpartition(":")[0]
    mount, _, name = path.rpartition("/")
    return mount, name


def _wrapped(mount: str, name: str, ciphertext: str) -> WrappedKey:
    """Vault's texts are `vault:v{version}:{base64}`."""
    version = ciphertext.split(":")[1].removeprefix("v")
    return WrappedKey(ciphertext, _key_id(mount, name, version))
