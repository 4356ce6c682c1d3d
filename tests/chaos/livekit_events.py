"""LiveKit's part towards the API: events, signed as LiveKit signs them, under a fresh id each time."""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import Self

import aiohttp
import jwt
from google.protobuf.json_format import MessageToJson
from livekit.protocol.models import ParticipantInfo, Room
from livekit.protocol.webhook import WebhookEvent

from rtcstack.settings import Settings

HOOK = "/hooks/livekit"
_VALID_S = 300


@dataclass(frozen=True)
class Signer:
    """Signs with LiveKit's key; `skew_s` is by how much LiveKit's clock is ahead."""

    key: str
    secret: str
    skew_s: float = 0

    def headers(self, body: bytes, *, algorithm: str = "HS256") -> dict[str, str]:
        now_s = int(time.time() + self.skew_s)
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        claims = {"iss": self.key, "nbf": now_s, "exp": now_s + _VALID_S, "sha256": digest}
        token = jwt.encode(claims, None if algorithm == "none" else self.secret, algorithm=algorithm)
        return {"authorization": token, "content-type": "application/webhook+json"}


def signer(settings: Settings, skew_s: float = 0) -> Signer:
    keys = settings.livekit
    return Signer(keys.api_key.get_secret_value(), keys.api_secret.get_secret_value(), skew_s)


def joined(room: str, identity: str) -> bytes:
    """Tell that somebody joined; each identity is one stay."""
    who = ParticipantInfo(sid=f"PA_{identity}", identity=identity, joined_at_ms=1_700_000_000_000)
    event = WebhookEvent(event="participant_joined", room=Room(name=room, sid="RM_chaos"), participant=who)
    return MessageToJson(event, indent=None).encode()


def told_again(body: bytes) -> bytes:
    """Return the same news under another id, as LiveKit repeats itself."""
    return json.dumps({**json.loads(body), "id": f"EV_{secrets.token_hex(6)}"}).encode()


class Teller:
    """`async with Teller(url, signer) as teller`: posts to the API's hook over connections of its own."""

    def __init__(self, url: str, sign: Signer) -> None:
        self._url, self._sign = url, sign

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(self._url, timeout=aiohttp.ClientTimeout(total=30))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def tell(self, body: bytes) -> int:
        """Return the status of the answer, 0 when there was none."""
        again = told_again(body)
        return await self.post(again, self._sign.headers(again))

    async def post(self, body: bytes, headers: dict[str, str]) -> int:
        try:
            async with self._http.post(HOOK, data=body, headers=headers) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0
