"""What WebRTC's statistics say of the tracks that are received (W3C webrtc-stats)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rtcstack.egress.recorder.clock import NS


@dataclass(frozen=True, slots=True)
class Totals:
    """One track's figures at one look; all but the last are running totals."""

    waited_s: float
    emitted: int
    assembly_s: float = 0.0
    """Between the first and the last packet of a picture (`totalAssemblyTime`)."""
    assembled: int = 0
    played_ns: int | None = None
    """What is being played by the sender's clock less the time of the look by ours; None when it sent no report yet."""
    looked_ns: int = 0
    """The time of the look (Unix)."""


def mean_wait_ns(before: Totals | None, now: Totals) -> int | None:
    """Return the mean wait since `before`; None when nothing was emitted, or the counters began anew.

    A picture's wait counts from its first packet. Where each packet is delayed by a time of its own, the first of several
    is earlier than packets are on average, such as those of sound, by half of what lies between the first and the last.
    """
    old = before or Totals(0.0, 0)
    emitted, waited_s = now.emitted - old.emitted, now.waited_s - old.waited_s
    if emitted <= 0 or waited_s < 0:
        return None
    assembly_s = (now.assembly_s - old.assembly_s) / max(1, now.assembled - old.assembled)
    return round((waited_s / emitted - assembly_s / 2) * NS)


def read_totals(entries: Iterable[Any]) -> dict[str, Totals]:
    """Pick the figures out of WebRTC statistics, by WebRTC's own track identifier."""
    totals = {}
    for entry in entries:
        if entry.WhichOneof("stats") == "inbound_rtp":
            inbound = entry.inbound_rtp.inbound
            played_ms = inbound.estimated_playout_timestamp
            totals[inbound.track_identifier] = Totals(
                inbound.jitter_buffer_delay,
                inbound.jitter_buffer_emitted_count,
                inbound.total_assembly_time,
                inbound.frames_assembled_from_multiple_packets,
                round(played_ms * 1e6) - entry.inbound_rtp.rtc.timestamp * 1000 if played_ms else None,
                entry.inbound_rtp.rtc.timestamp * 1000,
            )
    return totals


def last_sound_ns(entries: Iterable[Any], now_ns: int) -> int | None:
    """Return when the last packet of anybody's sound came, by the clock of `now_ns`; None when none has."""
    ages_ns = [
        entry.inbound_rtp.rtc.timestamp * 1000 - round(came_ms * 1e6)
        for entry in entries
        if entry.WhichOneof("stats") == "inbound_rtp"
        and entry.inbound_rtp.stream.kind == "audio"
        and (came_ms := entry.inbound_rtp.inbound.last_packet_received_timestamp)
    ]
    return now_ns - max(0, min(ages_ns)) if ages_ns else None
