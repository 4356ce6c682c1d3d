import numpy as np

from rtcstack.egress.recorder.clock import RecordingClock
from rtcstack.egress.recorder.media import MIX_DELAY_NS, AudioInlet, Sound
from rtcstack.egress.recorder.mixer import BLOCK, Mixer

FRAME, FRAME_NS = 2400, 50_000_000
MS = 1_000_000
LATER_NS = 60_000 * MS


def offer(inlet: AudioInlet, indices: range, level: int) -> None:
    for index in indices:
        inlet.offer(Sound(np.full((FRAME, 2), level, np.int16), (index + 1) * FRAME_NS))


def inlet() -> AudioInlet:
    made = AudioInlet()
    made.lag_ns = 0
    return made


def mix_all(mixer: Mixer, blocks: int) -> np.ndarray:
    return np.concatenate([mixer.mix() for _ in range(blocks)], axis=1)


def test_an_empty_room_is_silent() -> None:
    mixer = Mixer(RecordingClock(0, 30), bias_ns=0)
    mixer.collect((), LATER_NS)
    assert not mixer.mix().any()
    assert mixer.blocks == 1


def test_voices_are_added() -> None:
    mixer = Mixer(RecordingClock(0, 30), bias_ns=0)
    one, other = inlet(), inlet()
    offer(one, range(10), 3277)
    offer(other, range(10), 6554)
    mixer.collect((one, other), LATER_NS)
    out = mix_all(mixer, 20)
    assert np.allclose(out[:, 2 * BLOCK :], 0.3, atol=1e-3)


def test_one_who_leaves_plays_out_and_fades() -> None:
    mixer = Mixer(RecordingClock(0, 30), bias_ns=0)
    leaving = inlet()
    offer(leaving, range(4), 6554)
    mixer.collect((leaving,), LATER_NS)
    mixer.collect((), LATER_NS)
    out = mix_all(mixer, 12)
    end = 4 * FRAME
    assert np.allclose(out[:, BLOCK : end - 240], 0.2, atol=1e-3)
    assert not out[:, end:].any()
    assert np.abs(np.diff(out[0])).max() < 0.01
    assert not mixer._leaving


def test_sound_that_came_too_late_is_counted_of_those_who_are_there_and_of_those_who_left() -> None:
    mixer = Mixer(RecordingClock(0, 30), bias_ns=0)
    one, other = inlet(), inlet()
    mix_all(mixer, 2)
    for late in (one, other):
        offer(late, range(4), 6554)
    mixer.collect((one, other), LATER_NS)
    mix_all(mixer, 14)
    offer(one, range(4, 5), 6554)
    mixer.collect((one, other), LATER_NS)
    assert mixer.late > 0
    both = mixer.late
    mixer.collect((one,), LATER_NS)
    mix_all(mixer, 12)
    assert mixer.late == both


def test_the_bias_moves_sound_with_the_pictures() -> None:
    mixer = Mixer(RecordingClock(0, 30), bias_ns=FRAME_NS)
    one = inlet()
    offer(one, range(4), 6554)
    mixer.collect((one,), LATER_NS)
    out = mix_all(mixer, 12)
    assert not out[:, :FRAME].any()
    assert out[0, FRAME + 300] > 0.1


def test_sound_of_whoever_is_held_back_stands_so_much_later() -> None:
    mixer = Mixer(RecordingClock(0, 30), bias_ns=0)
    one = inlet()
    one.hold.may_rise = True
    one.hold.want(100 * MS, 0)
    offer(one, range(4), 6554)
    mixer.collect((one,), LATER_NS)
    assert mixer.lacks_until(8 * FRAME, LATER_NS) == 8 * FRAME_NS - 100 * MS + 20 * MS
    out = mix_all(mixer, 16)
    heard = np.flatnonzero(np.abs(out[0]) > 0.1)
    assert abs(int(heard[0]) - 2 * FRAME) < 480
    assert abs(int(heard[-1]) - 6 * FRAME) < 480


def test_sound_waits_until_its_lag_is_known_but_not_longer_than_mixing_allows() -> None:
    mixer = Mixer(RecordingClock(0, 30), bias_ns=0)
    one = inlet()
    offer(one, range(4), 6554)
    mixer.collect((one,), 200 * MS)
    one.lag_ns = 50 * MS
    mixer.collect((one,), 200 * MS + MIX_DELAY_NS)
    out = mix_all(mixer, 12)
    heard = np.flatnonzero(out[0] > 0.1)
    assert heard[0] < 5 * 48
    assert abs(int(heard[-1]) - 150 * 48) < 480
    assert not one.take()


def test_one_who_leaves_while_sound_still_waits_is_heard_to_the_end() -> None:
    mixer = Mixer(RecordingClock(0, 30), bias_ns=0)
    leaving = inlet()
    offer(leaving, range(4), 6554)
    mixer.collect((leaving,), 200 * MS)
    mixer.collect((), 201 * MS)
    out = mix_all(mixer, 12)
    assert np.allclose(out[:, BLOCK : 4 * FRAME - 240], 0.2, atol=1e-3)


def test_at_the_end_nothing_waits_and_it_is_known_what_may_still_come() -> None:
    mixer = Mixer(RecordingClock(0, 30), bias_ns=0)
    one = inlet()
    offer(one, range(4), 6554)
    mixer.collect((one,), 200 * MS, is_end=True)
    assert not one.take()
    assert mixer.lacks_until(4 * FRAME, 200 * MS) is None
    one.lag_ns = 50 * MS
    latest = mixer.lacks_until(5 * FRAME, 200 * MS)
    assert latest is not None
    assert 300 * MS <= latest <= 340 * MS
    assert np.allclose(mix_all(mixer, 9)[:, BLOCK : 4 * FRAME - 240], 0.2, atol=1e-3)


def test_nothing_is_waited_for_of_one_who_was_never_heard() -> None:
    mixer = Mixer(RecordingClock(0, 30), bias_ns=0)
    mixer.collect((inlet(),), 200 * MS, is_end=True)
    assert mixer.lacks_until(4 * FRAME, 200 * MS) is None


def test_sound_that_never_came_is_counted_of_whoever_lacks_most_also_after_they_left() -> None:
    mixer = Mixer(RecordingClock(0, 30), bias_ns=0)
    one, other = inlet(), inlet()
    for index in range(0, 150, 30):
        offer(one, range(index, index + 30), 100)
        kept = range(index, index + 30) if index < 60 else range(index + 14, index + 30)
        offer(other, kept if index < 90 else range(index, index + 30), 100)
        mixer.collect((one, other), LATER_NS)
    assert mixer.missed_ms == 700
    mixer.collect((one,), LATER_NS)
    mix_all(mixer, 400)
    assert mixer.missed_ms == 700


def test_what_was_kept_while_nothing_was_mixed_for_long_is_heard() -> None:
    mixer = Mixer(RecordingClock(0, 30), bias_ns=0)
    one = inlet()
    offer(one, range(20), 6554)
    before = [block for block, _ in mixer.mix_until(1000 * MS, (one,), LATER_NS)]
    offer(one, range(20, 100), 6554)
    after = [block for block, _ in mixer.mix_until(5000 * MS, (one,), LATER_NS)]
    heard = np.concatenate([*before, *after], axis=1)[0] > 0.1
    assert heard[48_000 // 10 : 48_000].all()
    assert not heard[48_000 + 480 : 3 * 48_000 - 480].any(), "an inlet keeps two seconds"
    found_s = 0.4  # until then what comes is taken for late
    assert heard[int((3 + found_s) * 48_000) : 5 * 48_000 - BLOCK].all()
    assert 2000 <= mixer.missed_ms <= 2000 + found_s * 1000
