from rtcstack.egress.recorder.lip_sync import Waited, mean_wait_ns


def test_the_mean_is_that_of_the_time_between_two_looks() -> None:
    assert mean_wait_ns(Waited(10.0, 1000), Waited(13.0, 1100)) == 30_000_000
    assert mean_wait_ns(None, Waited(2.0, 100)) == 20_000_000


def test_nothing_emitted_or_counters_begun_anew_say_nothing() -> None:
    assert mean_wait_ns(Waited(1.0, 100), Waited(1.0, 100)) is None
    assert mean_wait_ns(Waited(9.0, 900), Waited(0.3, 10)) is None
