"""A person at the dashboard, without a browser: cookies, and the proof that each form carries."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

PASSWORD = "a password for tests"
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


def cheap_hash(password: str) -> str:
    """Return what the database keeps of a password, at a cost that tests of other things can pay again and again."""
    salt = b"salt" * 4
    made = hashlib.scrypt(password.encode(), salt=salt, n=16, r=8, p=1, dklen=32)
    return f"scrypt$16$8$1${base64.b64encode(salt).decode()}${base64.b64encode(made).decode()}"


@dataclass
class Visitor:
    http: httpx.AsyncClient

    async def sign_in(self, password: str = PASSWORD, **form: str) -> httpx.Response:
        return await self.http.post("/sign-in", data={"name": "admin", "password": password} | form)

    async def get(self, path: str) -> str:
        """Return a page that is there."""
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.text

    async def proof(self) -> str:
        found = _CSRF.search(await self.get("/"))
        assert found is not None
        return found[1]

    async def send(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> httpx.Response:
        """Send a form as one of our pages does."""
        return await self.http.post(path, data={"csrf": await self.proof(), **(form or {})}, headers=headers)
