"""How much later than its pictures a participant's sound is delivered, from the jitter buffers' own figures.

WebRTC sums up, for every track, the time that samples or frames waited in the jitter buffer and how many there were
(W3C webrtc-stats: `jitterBufferDelay`, `jitterBufferEmittedCount`). The difference between two looks gives the mean
wait of the moment; the sound tracks then move towards it unheard.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any

from rtcstack.egress.recorder.clock import NS
from rtcstack.egress.recorder.media import LARGEST_LAG_NS, PATH_LAG_NS, AudioInlet
from rtcstack.egress.recorder.room import RoomSession
from rtcstack.log import get

log = get(__name__)

_INTERVAL_S = 0.25
"""The buffers grow by 100 ms within an instant when a sender or the network stalls, and shrink again over seconds."""
_EARLY_INTERVAL_S, _EARLY_S = 0.1, 3.0
"""In a track's first seconds its buffer grows from nothing to what it holds later."""
_INTERVAL_PER_TRACK_S = 0.02
_STATS_TIMEOUT_S = 5.0
_TYPICAL_PICTURE_NS = 11_000_000
_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Waited:
    """Running totals of one track's jitter buffer."""

    total_s: float
    emitted: int


def mean_wait_ns(before: Waited | None, now: Waited) -> int | None:
    """Return the mean wait since `before`; None when nothing was emitted, or the counters began anew."""
    emitted = now.emitted - (before.emitted if before else 0)
    waited_s = now.total_s - (before.total_s if before else 0.0)
    if emitted <= 0 or waited_s < 0:
        return None
    return round(waited_s / emitted * NS)


def lag_ns(sound_waits_ns: Sequence[int], picture_waits_ns: Sequence[int]) -> int:
    """Return how much later sound is delivered, from what the buffers held at the last looks, the newest last.

    One look sees four pictures, and one that was held up must not move the sound: of pictures the median counts. Of sound
    the newest does, since its buffer really grows within an instant.
    """
    picture_ns = median_low(picture_waits_ns) if picture_waits_ns else _TYPICAL_PICTURE_NS
    return max(-LARGEST_LAG_NS, min(LARGEST_LAG_NS, sound_waits_ns[-1] - picture_ns + PATH_LAG_NS))


def read_totals(entries: Iterable[Any]) -> dict[str, Waited]:
    """Pick the totals out of WebRTC statistics, by WebRTC's own track identifier."""
    totals = {}
    for entry in entries:
        if entry.WhichOneof("stats") == "inbound_rtp":
            inbound = entry.inbound_rtp.inbound
            totals[inbound.track_identifier] = Waited(
                inbound.jitter_buffer_delay, inbound.jitter_buffer_emitted_count
            )
    return totals


class LipSync:
    """Keeps the inlets' lags up to date. LiveKit's track ids stand nowhere in the session's statistics, but a single
    track's statistics name the identifier: each track is asked once, then the session.
    """

    def __init__(self) -> None:
        self._identifiers: dict[str, str] = {}
        self._before: dict[str, Waited] = {}
        self._waits_ns: dict[str, deque[int]] = {}
        self._early_until_s = 0.0

    async def run(self, session: RoomSession) -> None:
        """Adjust the lags several times a second, in large rooms less often, until cancelled."""
        while True:
            await asyncio.sleep(self._interval_s(len(session.tracks())))
            await self._look(session)

    def _interval_s(self, tracks: int) -> float:
        is_early = asyncio.get_running_loop().time() < self._early_until_s
        return max(_EARLY_INTERVAL_S if is_early else _INTERVAL_S, _INTERVAL_PER_TRACK_S * tracks)

    async def _look(self, session: RoomSession) -> None:
        try:
            async with asyncio.timeout(_STATS_TIMEOUT_S):
                await self._identify(session.tracks())
                stats = await session.stats()
        except (RuntimeError, TimeoutError) as e:
            log.info("stats_unavailable", error=str(e))
            return
        self._learn(read_totals((*stats.publisher_stats, *stats.subscriber_stats)))
        self._apply(session)

    async def _identify(self, tracks: dict[str, Any]) -> None:
        self._identifiers = {sid: name for sid, name in self._identifiers.items() if sid in tracks}
        for sid in tracks.keys() - self._identifiers.keys():
            for identifier in read_totals(await tracks[sid].get_stats()):
                self._identifiers[sid] = identifier
                self._early_until_s = asyncio.get_running_loop().time() + _EARLY_S

    def _learn(self, totals: dict[str, Waited]) -> None:
        for identifier, now in totals.items():
            wait_ns = mean_wait_ns(self._before.get(identifier), now)
            if wait_ns is not None:
                self._waits_ns.setdefault(identifier, deque(maxlen=_LOOKS)).append(wait_ns)
        self._before = totals

    def _recent_waits_ns(self, sid: str | None) -> Sequence[int]:
        return self._waits_ns.get(self._identifiers.get(sid or "", ""), ())

    def _apply(self, session: RoomSession) -> None:
        picture_of = dict(session.siblings())
        for sid, inlet in session.inlets().items():
            sound, picture = self._recent_waits_ns(sid), self._recent_waits_ns(picture_of.get(sid))
            if isinstance(inlet, AudioInlet) and sound:
                inlet.lag_ns = lag_ns(sound, picture)
                log.debug("lag", track=sid, lag_ms=inlet.lag_ns / 1e6, sound_ms=sound[-1] / 1e6)
