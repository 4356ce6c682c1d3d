"""Who speaks: by the sound itself, half a second of it.

LiveKit's own word for it (`active_speakers_changed`) would not do. Its server sends of each speaker only the changes, of somebody
who speaks evenly the beginning and the end (`audioUpdateWorker` in `pkg/rtc/room.go`, with levels in steps of an eighth); the
client library takes every such message for the whole list, so that whoever speaks on is missing from it as soon as another coughs.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from rtcstack.egress.recorder.selection import Person, is_screen, tracks_of

_LOUD = 10 ** (-35 / 20)
"""From -35 dB of full scale on it counts as speech, as LiveKit has it (`pkg/sfu/audio/audiolevel.go`)."""
_NEWEST = 0.15
"""The share of the newest of the frames of 50 ms in what is known of the last ones."""
_BEGINS, _ENDS = 0.4, 0.2
"""Speaking begins with four loud frames in a row, which no click of a key makes, and ends with ten that are not: half a second."""
_FULL_SCALE = 32768


class Voice:
    """Of one track. Written by the native thread, read by others."""

    def __init__(self) -> None:
        self.is_speaking = False
        self.level = 0.0
        """Root mean square of lately, full scale 1."""
        self._loud_share = 0.0

    def hear(self, samples: npt.NDArray[np.int16]) -> None:
        """Take in a frame, shape (samples, channels)."""
        flat = samples.ravel().astype(np.float32)
        level = float(flat @ flat / max(1, flat.size)) ** 0.5 / _FULL_SCALE
        self.level += (level - self.level) * _NEWEST
        self._loud_share += ((level >= _LOUD) - self._loud_share) * _NEWEST
        self.is_speaking = self._loud_share >= (_ENDS if self.is_speaking else _BEGINS)


def speaking(people: Sequence[Person], voices: Mapping[str, Voice]) -> list[str]:
    """Return the identities of those who speak, the loudest first. `voices` are by track id.

    A muted track has none, and what a shared screen plays is nobody's.
    """
    levels: dict[str, float] = {}
    for person, track in tracks_of(people):
        voice = voices.get(track.sid)
        if voice is not None and voice.is_speaking and not track.muted and not is_screen(track):
            levels[person.identity] = max(voice.level, levels.get(person.identity, 0.0))
    return sorted(levels, key=levels.__getitem__, reverse=True)
