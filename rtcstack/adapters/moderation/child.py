"""The moderation process, `rtcstack moderator`: one provider, asked over standard input until that ends."""

import importlib
import queue
import sys
import threading
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from rtcstack.adapters.moderation import wire
from rtcstack.errors import RtcError

_PROVIDERS: Final = {
    wire.LocalModel: ("rtcstack.adapters.moderation.local", "LocalModerator"),
    wire.GoogleService: ("rtcstack.adapters.moderation.google", "GoogleModerator"),
}
"""Each needs an extra of its own, so only the one that is wanted is imported."""


def main(arguments: Sequence[str]) -> int:
    """Answer `Ready`, or why not, to the setup that comes first; then every `Look`, one after the other."""
    del arguments
    orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(orders,), name="parent", daemon=True).start()
    try:
        setup: wire.Setup = msgspec.msgpack.decode(orders.get(), type=wire.Setup, dec_hook=wire.path_hook)
        moderator = _provider(setup)
    except Exception as e:  # noqa: BLE001 - the parent is told
        wire.say(_failed(e))
        return 0
    wire.say(wire.Ready(moderator.model))
    while True:
        wire.say(_look(moderator, msgspec.msgpack.decode(orders.get(), type=wire.Look)))


def _receive(orders: "queue.SimpleQueue[bytes]") -> None:
    while (order := wire.receive(sys.stdin.buffer)) is not None:
        orders.put(order)
    wire.end_now()


def _provider(setup: wire.Setup) -> Any:
    module, name = _PROVIDERS[type(setup)]
    return getattr(importlib.import_module(module), name)(setup)


def _look(moderator: Any, order: wire.Look) -> wire.Answer:
    try:
        return wire.Looked(tuple(moderator.look(order.pictures)))
    except Exception as e:  # noqa: BLE001 - the parent is told
        return _failed(e)


def _failed(error: Exception) -> wire.Failed:
    if isinstance(error, RtcError):
        return wire.Failed(type(error).__name__, error.message)
    return wire.Failed("", f"{type(error).__name__}: {error}")
