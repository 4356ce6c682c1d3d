"""Writes recordings as a recorder would, of which the tests know what is in them."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from rtcstack.demo.picture import Picture
from rtcstack.demo.tone import SAMPLE_RATE, Tone

WIDTH, HEIGHT, RATE = 1280, 720, 30
PLACES = {0: (0, 180), 1: (640, 180)}


@dataclass(frozen=True)
class Film:
    seconds: int = 4
    pictures: tuple[int, ...] = (0, 1)
    tones: tuple[int, ...] = (0, 1)
    has_audio: bool = True
    moving: bool = True
    beep: bool = False
    """Participant 0 flashes and beeps."""
    beep_delay_ms: int = 0


def _frame(film: Film, painters: dict[int, Picture], number: int) -> av.VideoFrame:
    y, u, v = (
        np.full((HEIGHT, WIDTH), 16, np.uint8),
        np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8),
        np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8),
    )
    shown = number // 2 if film.moving else 0
    for index, painter in painters.items():
        left, top = PLACES[index]
        flat = painter.draw(shown, flash=film.beep and shown % 15 < 2)
        y[top : top + 360, left : left + 640] = flat[: 640 * 360].reshape(360, 640)
        half = flat[640 * 360 :].reshape(2, 180, 320)
        u[top // 2 : top // 2 + 180, left // 2 : left // 2 + 320] = half[0]
        v[top // 2 : top // 2 + 180, left // 2 : left // 2 + 320] = half[1]
    planes = np.concatenate([plane.reshape(-1) for plane in (y, u, v)]).reshape(HEIGHT * 3 // 2, WIDTH)
    frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.pts, frame.time_base = number, Fraction(1, RATE)
    return frame


def _sound(film: Film) -> av.AudioFrame:
    count = film.seconds * SAMPLE_RATE
    mixed = np.zeros(count, np.int32)
    for index in film.tones:
        tone = Tone(index, "beep" if film.beep else "tone")
        mixed += np.concatenate([tone.samples(0, SAMPLE_RATE)] * film.seconds)
    mixed = np.roll(mixed, film.beep_delay_ms * SAMPLE_RATE // 1000)
    frame = av.AudioFrame.from_ndarray(mixed.astype(np.int16)[None, :], format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, 0, Fraction(1, SAMPLE_RATE)
    return frame


def _write(film: Film, file: Path) -> None:
    painters = {index: Picture(index) for index in film.pictures}
    with av.open(str(file), "w") as out:
        video = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "tune": "zerolatency"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        if film.has_audio:
            audio = out.add_stream("aac", rate=SAMPLE_RATE)
            out.mux(audio.encode(_sound(film)))
            out.mux(audio.encode(None))
        for number in range(film.seconds * RATE):
            out.mux(video.encode(_frame(film, painters, number)))
        out.mux(video.encode(None))


@pytest.fixture(scope="session")
def shoot(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Film], Path]:
    """Return a function that writes a film once and gives its file."""
    made: dict[Film, Path] = {}
    folder = tmp_path_factory.mktemp("films")

    def shoot(film: Film) -> Path:
        if film not in made:
            file = folder / f"{len(made)}.mp4"
            _write(film, file)
            made[film] = file
        return made[film]

    return shoot
