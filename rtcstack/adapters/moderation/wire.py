"""What travels between the API's process and its moderation processes: MessagePack behind four bytes of length.

Pictures, the LiveKit secret and credentials go through pipes only, never over a command line or the disk.
"""

import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO, Final, Literal

import msgspec

LENGTH_BYTES: Final = 4
_ORDER: Final = "big"


class LocalModel(msgspec.Struct, tag="local", frozen=True):
    """An ONNX classifier: one input, one output with a number a label."""

    file: Path
    sha256: str
    labels: tuple[str, ...]
    safe_labels: tuple[str, ...]
    input_size: int
    """Width and height where the model does not fix them."""
    layout: Literal["auto", "nchw", "nhwc"]
    mean: float
    std: float
    """Taken from, and divided by, after the values were brought to 0…1."""
    output: str | None
    activation: Literal["softmax", "sigmoid", "none"]


class GoogleService(msgspec.Struct, tag="google", frozen=True):
    endpoint: str | None
    """`https://HOST[:PORT]`, or `http://` on loopback; the library's own if None."""
    credentials: str
    """A service account's key, as the JSON text that Google gives out."""


Setup = LocalModel | GoogleService


class Look(msgspec.Struct, frozen=True):
    pictures: tuple[bytes, ...]


class Ready(msgspec.Struct, tag="ready", frozen=True):
    model: str


class Seen(msgspec.Struct, frozen=True):
    picture: int
    category: str
    likelihood: float


class Looked(msgspec.Struct, tag="looked", frozen=True):
    seen: tuple[Seen, ...]


class Failed(msgspec.Struct, tag="failed", frozen=True):
    """`kind` is the name of a class of our error tree."""

    kind: str
    message: str


Answer = Ready | Looked | Failed


class ViewOrder(msgspec.Struct, frozen=True):
    ws_url: str
    api_key: str
    api_secret: str
    rooms: tuple[str, ...]


class Picture(msgspec.Struct, frozen=True):
    room: str
    jpeg: bytes


def pack(message: msgspec.Struct) -> bytes:
    body = msgspec.msgpack.encode(message, enc_hook=str)  # a path is all that msgspec does not know
    return len(body).to_bytes(LENGTH_BYTES, _ORDER) + body


def length_of(head: bytes) -> int:
    return int.from_bytes(head, _ORDER)


def path_hook(kind: type, text: str) -> Path:
    assert issubclass(kind, Path)
    return kind(text)


def receive(pipe: BinaryIO) -> bytes | None:
    """Return the next message's body, or None at the end."""
    head = pipe.read(LENGTH_BYTES)
    return pipe.read(length_of(head)) if len(head) == LENGTH_BYTES else None


def say(message: msgspec.Struct) -> None:
    sys.stdout.buffer.write(pack(message))
    sys.stdout.buffer.flush()


def end_now() -> None:
    """Whoever asked has gone: nobody waits for what is still being done here."""
    os.kill(os.getpid(), signal.SIGKILL)
