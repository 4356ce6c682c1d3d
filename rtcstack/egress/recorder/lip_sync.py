"""How much later than its pictures a participant's sound is delivered, from WebRTC's own statistics (W3C webrtc-stats).

Where the sender's reports have come, after some seconds, and LiveKit has `sync_streams` on, each track says which instant of the sender's clock is being
played (`estimatedPlayoutTimestamp`), and sound lags by the difference. Until then, and for senders without reports, it
goes by how long samples and frames waited in the jitter buffers (`jitterBufferDelay`, `jitterBufferEmittedCount`). The
sound tracks then move towards that lag unheard.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median_low
from typing import Any, Protocol

from rtcstack.egress.recorder.clock import NS
from rtcstack.egress.recorder.hold import Hold
from rtcstack.egress.recorder.media import LARGEST_LAG_NS, PATH_LAG_NS, AudioInlet, VideoInlet
from rtcstack.egress.recorder.steadily import steadily
from rtcstack.egress.recorder.track_stats import Totals, last_sound_ns, mean_wait_ns, read_totals
from rtcstack.log import get

log = get(__name__)

_INTERVAL_S = 0.25
"""The buffers grow by 100 ms within an instant when a sender or the network stalls, and shrink again over seconds."""
_OFTEN_INTERVAL_S, _OFTEN_S = 0.1, 3.0
"""In a track's first seconds its buffer grows from nothing to what it holds later; on a bad network it changes all the time."""
_INTERVAL_PER_TRACK_S = 0.02
_STATS_TIMEOUT_S = 5.0
_TYPICAL_PICTURE_NS = 11_000_000
_LOOKS, _MANY_LOOKS = 4, 16
_SHOWN_LOOKS = 3
_DOUBTFUL_NS = 250_000_000
"""Sound and picture that are so far from what the buffers say come from a sender whose reports do not share one clock."""
_HANDED_OVER_EARLY_NS = 20_000_000
"""The instant that a picture is said to show is that of its being handed over to us, so much before it is to be seen (measured
with beeps and pictures that carry a number, on a clean network and on a bad one)."""


@dataclass(slots=True)
class _Recent:
    """What the last looks at one track said, the newest last."""

    waits_ns: deque[int] = field(default_factory=partial(deque, maxlen=_LOOKS))
    played_ns: deque[int | None] = field(default_factory=partial(deque, maxlen=_MANY_LOOKS))
    """None where nothing came out of the buffer meanwhile: what the statistics say then is only reckoned on."""
    apart_ns: deque[int] = field(default_factory=partial(deque, maxlen=_MANY_LOOKS))
    """Of sound: what the clocks say less what the buffers say."""


def lag_of_waits_ns(sound_ns: Sequence[int], picture_ns: Sequence[int]) -> int:
    """Return how much later sound is delivered, from what the buffers held at the last looks, the newest last.

    One look sees four pictures, and one that was held up must not move the sound: of pictures the median counts. Of sound
    the newest does, since its buffer really grows within an instant.
    """
    typical_ns = median_low(picture_ns) if picture_ns else _TYPICAL_PICTURE_NS
    return sound_ns[-1] - typical_ns + PATH_LAG_NS


def lag_of_clocks_ns(sound_ns: Sequence[int | None], picture_ns: Sequence[int | None]) -> int | None:
    """Return the same from what was being played by the sender's clock: of pictures the median of the last that came, of fewer than three
    the one that was held up least.

    None when the sender has not said it, or sent no pictures for many looks, or no sound just now.
    """
    shown_ns = [instant_ns for instant_ns in picture_ns if instant_ns is not None][-_SHOWN_LOOKS:]
    heard_ns = sound_ns[-1] if sound_ns else None
    if not shown_ns or heard_ns is None:
        return None
    line_ns = median_low(shown_ns) if len(shown_ns) == _SHOWN_LOOKS else max(shown_ns)
    return line_ns - heard_ns + _HANDED_OVER_EARLY_NS


def _played_in_time_ns(now: Totals, inlet: object) -> int | None:
    """Return `played_ns`, of pictures as it would be had the last one not been held up: its stamp says by how much it was."""
    if now.played_ns is None or not isinstance(inlet, VideoInlet):
        return now.played_ns
    return now.played_ns + inlet.lateness.of_last_ns(time.monotonic_ns() - (time.time_ns() - now.looked_ns))


def _lag_ns(sound: _Recent, picture: _Recent) -> tuple[int | None, bool]:
    """Return the lag, and whether the sender's clock says so. None where it stays: of a single wild look nobody knows what is wrong."""
    by_waits_ns = lag_of_waits_ns(sound.waits_ns, picture.waits_ns)
    by_clocks_ns = lag_of_clocks_ns(sound.played_ns, picture.played_ns)
    if by_clocks_ns is None:
        return by_waits_ns, False
    sound.apart_ns.append(by_clocks_ns - by_waits_ns)
    if abs(median_low(sound.apart_ns)) > _DOUBTFUL_NS:
        return by_waits_ns, False
    return (by_clocks_ns if abs(sound.apart_ns[-1]) <= _DOUBTFUL_NS else None), True


def _within(lag_ns: int) -> int:
    return max(-LARGEST_LAG_NS, min(LARGEST_LAG_NS, lag_ns))


class Session(Protocol):
    """What of a `RoomSession` is needed here."""

    def tracks(self) -> dict[str, Any]: ...

    def inlets(self) -> Mapping[str, object]: ...

    def siblings(self) -> Iterator[tuple[str, str]]: ...

    async def stats(self) -> Any: ...


class LipSync:
    """Keeps the inlets' lags up to date. LiveKit's track ids stand nowhere in the session's statistics, but a single
    track's statistics name the identifier: each track is asked once, then the session.
    """

    def __init__(self, on_sound: Callable[[int, int], None]) -> None:
        """`on_sound` is told when the last packet of sound came (monotonic), and how often it is looked, both in ns."""
        self._on_sound = on_sound
        self._identifiers: dict[str, str] = {}
        self._before: dict[str, Totals] = {}
        self._recent: defaultdict[str, _Recent] = defaultdict(_Recent)
        self._often_until_s = 0.0

    async def run(self, session: Session) -> None:
        """Adjust the lags several times a second, in large rooms less often, until cancelled, whatever goes wrong once."""
        await steadily(
            "lip_sync", lambda: self._interval_s(len(session.tracks())), lambda: self._look(session)
        )

    def _interval_s(self, tracks: int) -> float:
        is_often = asyncio.get_running_loop().time() < self._often_until_s
        return max(_OFTEN_INTERVAL_S if is_often else _INTERVAL_S, _INTERVAL_PER_TRACK_S * tracks)

    async def _look(self, session: Session) -> None:
        async with asyncio.timeout(_STATS_TIMEOUT_S):
            await self._identify(session.tracks())
            stats = await session.stats()
        entries = (*stats.publisher_stats, *stats.subscriber_stats)
        if came_ns := last_sound_ns(entries, time.monotonic_ns()):
            self._on_sound(came_ns, round(self._interval_s(len(session.tracks())) * NS))
        self._learn(read_totals(entries), session.inlets())
        self._apply(session)

    async def _identify(self, tracks: dict[str, Any]) -> None:
        self._identifiers = {sid: name for sid, name in self._identifiers.items() if sid in tracks}
        for sid in tracks.keys() - self._identifiers.keys():
            for identifier in read_totals(await tracks[sid].get_stats()):
                self._identifiers[sid] = identifier
                self._look_often()

    def _look_often(self) -> None:
        self._often_until_s = asyncio.get_running_loop().time() + _OFTEN_S

    def _learn(self, totals: dict[str, Totals], inlets: Mapping[str, object]) -> None:
        inlet_of = {identifier: inlets.get(sid) for sid, identifier in self._identifiers.items()}
        for identifier, now in totals.items():
            recent = self._recent[identifier]
            wait_ns = mean_wait_ns(self._before.get(identifier), now)
            if wait_ns is not None:
                recent.waits_ns.append(wait_ns)
            recent.played_ns.append(
                None if wait_ns is None else _played_in_time_ns(now, inlet_of.get(identifier))
            )
        for gone in self._recent.keys() - totals.keys():
            del self._recent[gone]
        self._before = totals

    def _recent_of(self, sid: str | None) -> _Recent:
        return self._recent.get(self._identifiers.get(sid or "", ""), _Recent())

    def _apply(self, session: Session) -> None:
        picture_of = dict(session.siblings())
        inlets = {sid: inlet for sid, inlet in session.inlets().items() if isinstance(inlet, AudioInlet)}
        known: set[Hold] = set()
        for sid, inlet in inlets.items():
            sound, picture = self._recent_of(sid), self._recent_of(picture_of.get(sid))
            if not sound.waits_ns:
                continue
            lag_ns, is_known = _lag_ns(sound, picture)
            if lag_ns is not None:
                inlet.lag_ns = _within(lag_ns)
            if is_known:
                known.add(inlet.hold)
            held_ns = inlet.hold.at(time.monotonic_ns())
            if held_ns:
                self._look_often()
            log.debug(
                "lag",
                track=sid,
                lag_ms=inlet.lag_ns / 1e6,
                held_ms=held_ns / 1e6,
                sound_ms=sound.waits_ns[-1] / 1e6,
            )
        for inlet in inlets.values():
            inlet.hold.may_rise = inlet.hold in known
