"""Tokens of our own making, read by LiveKit's package."""

import jwt
import pytest
from livekit.api import TokenVerifier

from rtcstack.egress.livekit_token import mint

_KEY, _SECRET = "devkey", "a secret of thirty-two characters"


def test_livekit_reads_what_was_minted() -> None:
    video = {"roomJoin": True, "room": "Bär & Söhne", "hidden": True, "canPublish": False}
    token = mint(_KEY, _SECRET, video, ttl_s=60, identity="EG_1", kind="egress")
    claims = TokenVerifier(_KEY, _SECRET).verify(token)
    assert (claims.identity, claims.kind) == ("EG_1", "egress")
    assert claims.video is not None
    assert (claims.video.room_join, claims.video.room, claims.video.hidden) == (True, "Bär & Söhne", True)
    assert claims.video.can_publish is False


def test_it_holds_for_as_long_as_it_says() -> None:
    claims = jwt.decode(mint(_KEY, _SECRET, {}, ttl_s=60), _SECRET, algorithms=["HS256"], issuer=_KEY)
    assert claims["exp"] - claims["nbf"] == 60


def test_another_secret_does_not_open_it() -> None:
    with pytest.raises(jwt.InvalidSignatureError):
        TokenVerifier(_KEY, _SECRET[::-1]).verify(mint(_KEY, _SECRET, {}, ttl_s=60))
