"""As much of a TURN client (RFC 8656) as shows that a server gives out a relay."""

import hashlib
import hmac
import os
import socket
import struct
from dataclasses import dataclass

_COOKIE = 0x2112A442
_ALLOCATE, _ALLOCATED, _REFUSED = 0x0003, 0x0103, 0x0113
_USERNAME, _INTEGRITY, _REALM, _NONCE, _RELAYED, _TRANSPORT = 0x0006, 0x0008, 0x0014, 0x0015, 0x0016, 0x0019
_UDP = struct.pack("!BBBB", 17, 0, 0, 0)
_HEAD = struct.Struct("!HHI12s")


@dataclass(frozen=True, slots=True)
class Answer:
    kind: int
    attributes: dict[int, bytes]

    @property
    def relayed(self) -> str:
        """The relay's IPv4 address."""
        value = self.attributes[_RELAYED]
        return socket.inet_ntoa(struct.pack("!I", struct.unpack("!I", value[4:8])[0] ^ _COOKIE))


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _message(attributes: bytes, key: bytes | None = None) -> bytes:
    transaction = os.urandom(12)
    if key is None:
        return _HEAD.pack(_ALLOCATE, len(attributes), _COOKIE, transaction) + attributes
    # The digest covers a header that counts the digest's own 24 bytes already.
    signed = _HEAD.pack(_ALLOCATE, len(attributes) + 24, _COOKIE, transaction) + attributes
    return signed + _attribute(_INTEGRITY, hmac.digest(key, signed, "sha1"))


def _read(stream: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = stream.recv(size - len(data))
        assert chunk, "the TURN server hung up"
        data += chunk
    return data


def _ask(stream: socket.socket, message: bytes) -> Answer:
    stream.sendall(message)
    kind, length, _, _ = _HEAD.unpack(_read(stream, _HEAD.size))
    body, found = _read(stream, length), {}
    while body:
        name, size = struct.unpack("!HH", body[:4])
        found[name] = body[4 : 4 + size]
        body = body[4 + size + -size % 4 :]
    return Answer(kind, found)


def allocate(stream: socket.socket, username: str, password: str) -> Answer:
    """Ask for a relay over a connected stream; fails unless strangers are refused and we are given one."""
    stranger = _ask(stream, _message(_attribute(_TRANSPORT, _UDP)))
    assert stranger.kind == _REFUSED
    realm, nonce = stranger.attributes[_REALM], stranger.attributes[_NONCE]
    key = hashlib.md5(b":".join((username.encode(), realm, password.encode()))).digest()
    who = ((_TRANSPORT, _UDP), (_USERNAME, username.encode()), (_REALM, realm), (_NONCE, nonce))
    given = _ask(stream, _message(b"".join(_attribute(*one) for one in who), key))
    assert given.kind == _ALLOCATED, f"the TURN server answered {given.kind:#06x}"
    return given
