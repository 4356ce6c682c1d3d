"""How every child of the product is started, in a checkout, from a wheel and in a single-file build alike."""

import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Final

from rtcstack.background import step_back

_CHILD_ROLES: Final = {
    "egress-worker": "rtcstack.egress.dispatcher.process",
    "join-parts": "rtcstack.egress.join_parts",
    "media": "rtcstack.media.main",
    "moderator": "rtcstack.adapters.moderation.child",
    "room-view": "rtcstack.adapters.moderation.room_view_child",
    "warden": "rtcstack.appliance.warden",
    "zygote": "rtcstack.egress.zygote",
}
"""Roles that are no commands for people. Each is a module with `main(arguments) -> exit status`, imported alone so
that the child carries nothing of the command line or the API."""
_BACKGROUND_ROLES: Final = frozenset({"moderator", "room-view"})
"""They step back before they import anything: that is most of what one that looks into a room for a moment does."""


def spawn_argv(role: str, *args: str) -> list[str]:
    """Return the command line that runs `rtcstack ROLE ARGS…` with this very installation."""
    if getattr(sys, "frozen", False):
        return [sys.executable, role, *args]
    return [sys.executable, "-m", "rtcstack", role, *args]


def find_child_role(arguments: Sequence[str]) -> Callable[[], int] | None:
    """Return what runs the internal role that the command line names, or None if it is a command for people."""
    if not arguments or arguments[0] not in _CHILD_ROLES:
        return None
    if arguments[0] in _BACKGROUND_ROLES:
        step_back()
    module = importlib.import_module(_CHILD_ROLES[arguments[0]])
    return lambda: int(module.main(arguments[1:]))
