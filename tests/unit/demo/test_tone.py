import numpy as np

from rtcstack.demo.tone import BEEP_MS, SAMPLE_RATE, Tone, frequency_hz


def _strongest_hz(samples: np.ndarray) -> int:
    return int(np.abs(np.fft.rfft(samples)).argmax() * SAMPLE_RATE / len(samples))


def test_each_participant_has_its_own_frequency() -> None:
    for index in (0, 1, 23):
        assert _strongest_hz(Tone(index).samples(0, SAMPLE_RATE)) == frequency_hz(index)
    assert len({frequency_hz(index) for index in range(24)}) == 24


def test_samples_go_on_without_a_step_over_the_full_second() -> None:
    tone = Tone(3)
    whole = tone.samples(SAMPLE_RATE - 480, 960)
    parts = np.concatenate([tone.samples(SAMPLE_RATE - 480, 480), tone.samples(SAMPLE_RATE, 480)])
    assert (whole == parts).all()
    assert np.abs(np.diff(whole.astype(int))).max() < 600


def test_a_beep_begins_at_the_full_second_and_is_short() -> None:
    second = Tone(0, "beep").samples(7 * SAMPLE_RATE, SAMPLE_RATE)
    end = SAMPLE_RATE * BEEP_MS // 1000
    assert np.abs(second[:100]).max() > 1000
    assert not second[end:].any()


def test_silence_is_silent() -> None:
    assert not Tone(0, "silence").samples(0, SAMPLE_RATE).any()
