"""Who speaks, told from the sound itself."""

import numpy as np
import pytest

from rtcstack.egress.recorder.voice import Voice, speaking
from tests.unit.egress.recorder.test_selection import CAMERA, MICROPHONE, SCREEN_SOUND, person

LOUD, SILENT = 0.2, 0.0
FRAMES = 20
"""In a second."""


def frame(amplitude: float) -> np.ndarray:
    tone = np.sin(np.arange(2400) * 2 * np.pi * 440 / 48_000) * amplitude * 32767
    return np.stack([tone, tone], axis=1).astype(np.int16)


def told(voice: Voice, *amplitudes: float) -> list[bool]:
    """Whether it was speaking after each frame."""
    said = []
    for amplitude in amplitudes:
        voice.hear(frame(amplitude))
        said.append(voice.is_speaking)
    return said


def voice_of(amplitude: float) -> Voice:
    voice = Voice()
    told(voice, *[amplitude] * FRAMES)
    return voice


def test_speaking_begins_soon_and_ends_after_half_a_second() -> None:
    voice = Voice()
    assert told(voice, *[LOUD] * FRAMES) == [False] * 3 + [True] * 17
    assert told(voice, *[SILENT] * FRAMES) == [True] * 9 + [False] * 11


def test_an_even_tone_is_speaking_for_as_long_as_it_lasts() -> None:
    voice = voice_of(LOUD)
    assert all(told(voice, *[LOUD] * 60 * FRAMES))


def test_pauses_between_words_do_not_end_it() -> None:
    voice = voice_of(LOUD)
    assert all(told(voice, *([SILENT] * 7 + [LOUD] * 7) * 10))


@pytest.mark.parametrize("clicks", [[LOUD] + [SILENT] * 5, [LOUD, LOUD] + [SILENT] * 18])
def test_clicks_and_knocks_are_no_speech(clicks: list[float]) -> None:
    assert not any(told(Voice(), *clicks * 10))


@pytest.mark.parametrize(("db", "counts"), [(-40, False), (-30, True)])
def test_from_a_level_on_it_counts(db: int, counts: bool) -> None:
    assert voice_of(10 ** (db / 20) * 2**0.5).is_speaking is counts


def test_the_level_is_that_of_the_sound_at_full_scale_too() -> None:
    assert voice_of(LOUD).level == pytest.approx(LOUD / 2**0.5, rel=0.05)
    square = Voice()
    for _ in range(10 * FRAMES):
        square.hear(np.full((2400, 2), -32768, np.int16))
    assert square.level == pytest.approx(1)


def test_a_frame_without_samples_is_silence() -> None:
    voice = Voice()
    voice.hear(np.zeros((0, 2), np.int16))
    assert voice.level == 0


def test_the_loudest_comes_first_by_their_microphones_and_not_by_what_their_screens_play() -> None:
    ann, bob, cid, dan = (
        person(name, CAMERA, MICROPHONE, SCREEN_SOUND) for name in ("ann", "bob", "cid", "dan")
    )
    voices = {
        f"ann-{MICROPHONE}": voice_of(0.2),
        f"bob-{MICROPHONE}": voice_of(0.4),
        f"cid-{MICROPHONE}": voice_of(0.1),
        f"cid-{SCREEN_SOUND}": voice_of(0.8),
        f"dan-{MICROPHONE}": voice_of(SILENT),
    }
    assert speaking([ann, bob, cid, dan], voices) == ["bob", "ann", "cid"]


def test_who_is_muted_or_has_gone_does_not_speak() -> None:
    ann, bob = person("ann", MICROPHONE), person("bob", MICROPHONE)
    voices = {f"{name}-{MICROPHONE}": voice_of(LOUD) for name in ("ann", "bob")}
    assert speaking([ann, bob], voices) == ["ann", "bob"]
    ann.track_publications[f"ann-{MICROPHONE}"].muted = True
    assert speaking([ann, bob], voices) == ["bob"]
    assert speaking([ann], voices) == []
