"""A small server that speaks the documented HTTP API of HashiCorp Vault's transit engine.

No Vault can be had where these tests run. What stands here follows developer.hashicorp.com/vault/api-docs/secret/transit:
`POST /v1/{mount}/encrypt|decrypt|rewrap/{name}`, `GET /v1/{mount}/keys/{name}`, and the token's `renew-self`, texts `vault:v{version}:{base64}`, errors as
`{"errors": […]}` with the documented statuses.
"""

import base64
import json
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "hvs.CANARYtoken"


class Refusal(Exception):
    def __init__(self, status: int, *errors: str) -> None:
        super().__init__(status, errors)
        self.status, self.errors = status, errors


class Vault:
    """`answer_with` makes every call fail that way. `calls` are the paths asked, with the namespace in front."""

    def __init__(self) -> None:
        self.url = ""
        self.keys: dict[str, list[bytes]] = {"transit/rtcstack": [os.urandom(32)]}
        self.min_decryption_version = 1
        self.is_sealed = False
        self.renewals = 0
        self.answer_with: Refusal | None = None
        self.calls: list[str] = []

    def rotate(self, name: str = "transit/rtcstack") -> None:
        self.keys[name].append(os.urandom(32))

    def answer(self, method: str, path: str, token: str | None, body: dict[str, Any]) -> dict[str, Any]:
        self._admit(token)
        if (method, path) == ("POST", "/v1/auth/token/renew-self"):
            self.renewals += 1
            return {}
        mount, verb, key = path.removeprefix("/v1/").rsplit("/", 2)
        name = f"{mount}/{key}"
        if (method, verb) == ("GET", "keys"):
            return self._read(name)
        work = {"encrypt": self._encrypt, "decrypt": self._decrypt, "rewrap": self._rewrap}.get(verb)
        if method != "POST" or work is None:
            raise Refusal(405, "unsupported operation")
        if name not in self.keys:
            raise Refusal(400, "encryption key not found")
        return work(name, body)

    def _admit(self, token: str | None) -> None:
        if self.answer_with:
            raise self.answer_with
        if self.is_sealed:
            raise Refusal(503, "Vault is sealed")
        if token != TOKEN:
            raise Refusal(403, "permission denied")

    def _read(self, name: str) -> dict[str, Any]:
        if name not in self.keys:
            raise Refusal(404)
        return {"name": name, "type": "aes256-gcm96", "latest_version": len(self.keys[name])}

    def _encrypt(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        version = len(self.keys[name])
        nonce = os.urandom(12)
        sealed = AESGCM(self.keys[name][-1]).encrypt(nonce, base64.b64decode(body["plaintext"]), None)
        text = base64.b64encode(nonce + sealed).decode()
        return {"ciphertext": f"vault:v{version}:{text}", "key_version": version}

    def _decrypt(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        _, version, text = body["ciphertext"].split(":")
        number = int(version.removeprefix("v"))
        if number < self.min_decryption_version:
            raise Refusal(400, "ciphertext or signature version is disallowed by policy (too old)")
        raw = base64.b64decode(text)
        try:
            plaintext = AESGCM(self.keys[name][number - 1]).decrypt(raw[:12], raw[12:], None)
        except InvalidTag as e:
            raise Refusal(400, "cipher: message authentication failed") from e
        return {"plaintext": base64.b64encode(plaintext).decode()}

    def _rewrap(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._encrypt(name, self._decrypt(name, body))


@contextmanager
def vault(tls: ssl.SSLContext | None = None) -> Iterator[Vault]:
    """Serve on a free loopback port while the block runs, over TLS if a context is given."""
    state = Vault()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            state.calls.append(f"{self.headers.get('X-Vault-Namespace', '')}{self.path}")
            try:
                token = self.headers.get("X-Vault-Token")
                status, answer = 200, {"data": state.answer(self.command, self.path, token, body)}
            except Refusal as e:
                status, answer = e.status, {"errors": list(e.errors)}
            self._send(status, json.dumps(answer).encode())

        def _send(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
