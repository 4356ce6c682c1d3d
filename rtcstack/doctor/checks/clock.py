"""The clock: held by a time service, not set while it runs, and the same as that of everything we talk to.

Signatures, tokens and requests carry wall time. S3 refuses a request that is more than 15 minutes off, LiveKit's requests to
the workers expire by the clock, and a token is not valid before its time.
"""

import asyncio
import ctypes
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rtcstack.doctor.asking import ask
from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Verdict, doubtful, fine, wrong
from rtcstack.doctor.scene import Scene

_UNSYNC = 0x40
"""STA_UNSYNC of adjtimex(2): the kernel has not heard from a time service, or not for a long while."""
_SERVICE = "  sudo timedatectl set-ntp true\nWhere there is no systemd:\n  sudo apt-get install -y chrony"
_SET_S = 5.0
_OFF_S = 2.0
_FAR_OFF_S = 8.0
"""Requests of LiveKit to a worker are good for 10 s: beyond that it would serve none of them."""
_STORE_REFUSES_S = 15 * 60.0
_STORE_OFF_S = 60.0
_BUNDLED = "minio"
"""The host of the store that comes with the compose bundle."""


class _Timex(ctypes.Structure):
    """The head of `struct timex`; the rest is room for the kernel to write to."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 64),
    )


@dataclass(frozen=True)
class Clock:
    is_held: bool | None = None
    """Whether a time service holds it; None where the system does not tell."""
    was_set_s: float | None = None
    """By how much the wall clock has been set since the parts were started; None when nothing runs."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """How many seconds the clocks of our own parts are ahead, by name; empty where they share this machine's."""
    stores: Mapping[str, float] = field(default_factory=dict)
    """The same of stores that are not ours, by host."""


async def look(scene: Scene) -> Clock:
    stores = dict(await scene.outside.store_clocks())
    if not scene.is_apart:
        return Clock(_is_held(), _was_set_s(scene), stores=stores)
    ahead = {name: a.ahead_s for name, a in scene.answers.items() if a.ahead_s is not None}
    if scene.settings.storage.host != _BUNDLED and "minio" in ahead:
        stores[scene.settings.storage.host] = ahead.pop("minio")
    return Clock(_is_held(), _was_set_s(scene), await _confirmed(scene, ahead), stores)


async def _confirmed(scene: Scene, ahead: Mapping[str, float]) -> Mapping[str, float]:
    """Ask those that seem off a second time, and take what is nearer: a busy machine dates its answers late."""
    off = [name for name, ahead_s in ahead.items() if abs(ahead_s) > _OFF_S]
    again = await asyncio.gather(*(ask(scene.answers[name].url) for name in off))
    nearer = {
        name: min(ahead[name], answer.ahead_s, key=abs)
        for name, answer in zip(off, again, strict=True)
        if answer.ahead_s is not None
    }
    return {**ahead, **nearer}


def _is_held() -> bool | None:
    asked = _Timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else not asked.status & _UNSYNC


def _was_set_s(scene: Scene) -> float | None:
    """Hold the wall clock's time since each part's start against the kernel's, which nobody sets; return the largest difference."""
    parts = scene.snapshot.parts if scene.snapshot else []
    now_s, since_boot_s = time.time(), time.clock_gettime(time.CLOCK_BOOTTIME)
    ticks = os.sysconf("SC_CLK_TCK")
    found = [
        (now_s - part.started_at_ms / 1000) - (since_boot_s - part.birth / ticks)
        for part in parts
        if part.birth is not None and part.started_at_ms is not None
    ]
    return max(found, key=abs, default=None)


def service(_: Scene, clock: Clock) -> Iterator[Verdict]:
    if clock.is_held is False:
        yield doubtful(
            "the kernel says that no time service holds the clock",
            cause="chrony, ntpd or systemd-timesyncd does not run, or reaches no server. A virtual machine whose host holds "
            "its clock looks the same",
            cure=f"Start one:\n{_SERVICE}",
        )
    else:
        yield fine(
            "a time service holds the clock"
            if clock.is_held
            else "the system does not tell who holds the clock"
        )


def steps(_: Scene, clock: Clock) -> Iterator[Verdict]:
    if clock.was_set_s is None:
        return
    if abs(clock.was_set_s) < _SET_S:
        yield fine("the clock has not been set since the start")
        return
    word = "forward" if clock.was_set_s > 0 else "back"
    yield doubtful(
        f"the clock was set {word} by {abs(clock.was_set_s):.0f} s since the parts were started",
        cause="somebody, or a time service that does not slew, set it. Recordings keep their length; tokens and links made "
        "before may have expired, or not be valid yet",
        cure=f"Let a time service hold it:\n{_SERVICE}",
    )


def parts(_: Scene, clock: Clock) -> Iterator[Verdict]:
    """Judge our own parts; where they are processes of one machine they have one clock, and nothing is said."""
    for name, ahead_s in clock.parts.items():
        if abs(ahead_s) > _OFF_S:
            say = wrong if abs(ahead_s) > _FAR_OFF_S else doubtful
            yield say(
                f"the clock of {name} is {_words(ahead_s)} this one",
                cause="machines whose clocks differ refuse each other's tokens and requests: from 10 s on no recording begins",
                cure=f"Let a time service hold the clock, on both machines:\n{_SERVICE}",
            )
    if clock.parts and all(abs(s) <= _OFF_S for s in clock.parts.values()):
        yield fine(f"the clocks of {', '.join(clock.parts)} agree with this one")


def store(_: Scene, clock: Clock) -> Iterator[Verdict]:
    """Judge the stores that are not ours: the appliance's, if it has another one, and the tenants'."""
    for host, ahead_s in clock.stores.items():
        if abs(ahead_s) > _STORE_OFF_S:
            say = wrong if abs(ahead_s) > _STORE_REFUSES_S * 0.9 else doubtful
            yield say(
                f"the clock of the store {host} is {_words(ahead_s)} this one",
                cause="S3 refuses requests that are more than 15 minutes off (RequestTimeTooSkewed); recordings then stay in the "
                "spool",
                cure=f"Let a time service hold this machine's clock:\n{_SERVICE}",
            )
    if clock.stores and all(abs(s) <= _STORE_OFF_S for s in clock.stores.values()):
        yield fine(f"the clocks of the stores agree with this one: {', '.join(clock.stores)}")


def _words(ahead_s: float) -> str:
    return f"{abs(ahead_s):.0f} s {'ahead of' if ahead_s > 0 else 'behind'}"


FAMILY = Family("clock", look, {"service": service, "steps": steps, "parts": parts, "store": store})
