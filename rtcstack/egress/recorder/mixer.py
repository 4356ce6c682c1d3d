"""Sums all sounds of the room into stereo blocks of the encoder's size, without ever clipping."""

from collections.abc import Iterator

import numpy as np

from rtcstack.egress.recorder.clock import NS, RecordingClock
from rtcstack.egress.recorder.media import CHANNELS, LARGEST_LAG_NS, RATE_HZ, AudioInlet, Samples, Sound
from rtcstack.egress.recorder.sound_track import SoundTrack

BLOCK = 1024
"""Samples in one AAC frame."""
_LARGEST_WAIT_NS = LARGEST_LAG_NS - 50_000_000
"""Sound that lags by nothing waits so long in its inlet; it may be placed up to 40 ms before where it belongs."""
_ARRIVAL_NS = 20_000_000
"""Beyond its lag, at the end of a recording: frames of 50 ms arrive when PICTURE_DELAY_NS of the file has gone by."""
_KEPT_NS = AudioInlet.LIMIT * 50_000_000
"""Of frames of 50 ms."""
_KNEE, _CEILING = np.float32(0.7), np.float32(0.95)


def limit(mix: Samples) -> Samples:
    """Bend what goes beyond the knee smoothly towards the ceiling; leave everything below as it is."""
    level = np.abs(mix)
    if level.max(initial=0) <= _KNEE:
        return mix
    room = _CEILING - _KNEE
    bent = _KNEE + room * np.tanh((level - _KNEE) / room)
    return np.where(level > _KNEE, np.copysign(bent, mix), mix)


class Mixer:
    """Keeps a sound track for every inlet of the scene, and lets those that left play out."""

    def __init__(self, clock: RecordingClock, bias_ns: int) -> None:
        self._clock = clock
        self._bias_ns = bias_ns
        self._tracks: dict[AudioInlet, SoundTrack] = {}
        self._leaving: list[SoundTrack] = []
        self.blocks = 0
        self._past_resyncs = self._past_late = self._past_missed_ns = 0

    def collect(self, sounds: tuple[AudioInlet, ...], now_ns: int, *, is_end: bool = False) -> None:
        """Take in what has arrived for the scene's sounds and is to be mixed soon; at the end all that has arrived.

        Until then it waits in its inlet: how far sound lags is known a quarter of a second later than it changes.
        """
        for inlet in self._tracks.keys() - set(sounds):
            track = self._tracks.pop(inlet)
            self._place(inlet.take(), track, inlet.lag_at(now_ns))
            track.finish()
            self._leaving.append(track)
        for inlet in sounds:
            track = self._track_of(inlet)
            lag_ns = inlet.lag_at(now_ns)
            wait_ns = 0 if is_end else max(0, _LARGEST_WAIT_NS - lag_ns)
            self._place(inlet.take(now_ns - wait_ns), track, lag_ns)

    def _track_of(self, inlet: AudioInlet) -> SoundTrack:
        """Make one only where there is none: each has a megabyte of room."""
        if inlet not in self._tracks:
            self._tracks[inlet] = SoundTrack(self._clock)
        return self._tracks[inlet]

    def lacks_until(self, position: int, now_ns: int) -> int | None:
        """Return until which monotonic time sound up to a position may still arrive; None when all of it has.

        A frame is there when its last sample is, and a thread that is late hands it over late.
        """
        lacking = [inlet.lag_at(now_ns) for inlet, track in self._tracks.items() if track.lacks(position)]
        if not lacking:
            return None
        return self._clock.start_ns + position * NS // RATE_HZ + max(lacking) + _ARRIVAL_NS

    def _place(self, sounds: list[Sound], track: SoundTrack, lag_ns: int) -> None:
        for sound in sounds:
            track.accept(sound, lag_ns - self._bias_ns)

    def mix_until(
        self, until_ns: int, sounds: tuple[AudioInlet, ...], now_ns: int
    ) -> Iterator[tuple[Samples, int]]:
        """Take in what has arrived, as `collect` does; yield every block up to a time of the recording, and its position."""
        yield from self.catch_up(until_ns)
        self.collect(sounds, now_ns)
        yield from self._blocks_until(until_ns)

    def catch_up(self, until_ns: int) -> Iterator[tuple[Samples, int]]:
        """Yield what lies before all that an inlet keeps; after a stall what it keeps would not fit into a track otherwise."""
        yield from self._blocks_until(until_ns - _KEPT_NS)

    def _blocks_until(self, until_ns: int) -> Iterator[tuple[Samples, int]]:
        while (self.blocks + 1) * BLOCK * NS <= until_ns * RATE_HZ:
            position = self.blocks * BLOCK
            yield self.mix(), position

    def mix(self) -> Samples:
        """Return the next block, shape (2, 1024), full scale ±1; silence where nobody speaks."""
        mix = np.zeros((CHANNELS, BLOCK), np.float32)
        for track in (*self._tracks.values(), *self._leaving):
            part = track.read(self.blocks * BLOCK, BLOCK)
            if part is not None:
                mix += part
        for track in [track for track in self._leaving if track.is_spent]:
            self._leaving.remove(track)
            self._past_late += track.late
            self._past_resyncs += track.resyncs
            self._past_missed_ns = max(self._past_missed_ns, track.missed_ns)
        self.blocks += 1
        return limit(mix)

    @property
    def resyncs(self) -> int:
        """How often the sound of anybody jumped."""
        return self._past_resyncs + sum(track.resyncs for track in (*self._tracks.values(), *self._leaving))

    @property
    def missed_ms(self) -> int:
        """How much sound never came, or after its place was mixed, of whoever's track lacks most, though it was sent or silent all the time."""
        of_tracks = [track.missed_ns for track in (*self._tracks.values(), *self._leaving)]
        return max(self._past_missed_ns, *of_tracks, 0) // 1_000_000

    @property
    def late(self) -> int:
        """Samples of anybody that came after their place had been mixed."""
        return self._past_late + sum(track.late for track in (*self._tracks.values(), *self._leaving))
