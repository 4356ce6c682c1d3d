from rtcstack.egress.recorder.lip_sync import Waited, lag_ns, mean_wait_ns
from rtcstack.egress.recorder.media import LARGEST_LAG_NS, PATH_LAG_NS

MS = 1_000_000


def test_the_mean_is_that_of_the_time_between_two_looks() -> None:
    assert mean_wait_ns(Waited(10.0, 1000), Waited(13.0, 1100)) == 30_000_000
    assert mean_wait_ns(None, Waited(2.0, 100)) == 20_000_000


def test_nothing_emitted_or_counters_begun_anew_say_nothing() -> None:
    assert mean_wait_ns(Waited(1.0, 100), Waited(1.0, 100)) is None
    assert mean_wait_ns(Waited(9.0, 900), Waited(0.3, 10)) is None


def test_sound_counts_as_it_is_now_and_pictures_as_they_mostly_are() -> None:
    steady = lag_ns([30 * MS], [11 * MS])
    assert steady == 19 * MS + PATH_LAG_NS
    assert lag_ns([30 * MS, 70 * MS], [11 * MS]) == steady + 40 * MS
    assert lag_ns([30 * MS], [11 * MS, 11 * MS, 50 * MS]) == steady, (
        "one picture that was held up moved the sound"
    )
    assert lag_ns([30 * MS], [11 * MS, 50 * MS, 50 * MS]) == steady - 39 * MS
    assert lag_ns([30 * MS], []) == steady


def test_the_lag_has_limits() -> None:
    assert lag_ns([900 * MS], [11 * MS]) == LARGEST_LAG_NS
    assert lag_ns([0], [900 * MS]) == -LARGEST_LAG_NS
