"""What is said while a part takes its time to stop."""

from rtcstack.appliance.waiting import Waiting


def _said(steps: list[tuple[float, str]]) -> list[str]:
    said: list[str] = []
    times = iter([now for now, _ in steps])
    waiting = Waiting(said.append, clock=lambda: next(times))
    for _, name in steps:
        waiting.on(name, 130)
    return said


def test_a_short_wait_is_not_worth_a_line() -> None:
    assert _said([(0, "egress"), (0.5, "egress"), (0.6, "api"), (1.5, "api")]) == []


def test_a_long_one_is_told_once_and_then_every_ten_seconds() -> None:
    said = _said([(second / 10, "egress") for second in range(351)])
    why = "it finishes its recordings and uploads them"
    assert said == [
        f"  egress   waiting, up to 130 s: {why}",
        f"  egress   waiting, up to 130 s, 10 s so far: {why}",
        f"  egress   waiting, up to 130 s, 20 s so far: {why}",
        f"  egress   waiting, up to 130 s, 30 s so far: {why}",
    ]


def test_the_next_step_begins_anew() -> None:
    said = _said([(0, "livekit"), (2, "livekit"), (3, "minio"), (3.5, "minio"), (5, "minio")])
    assert [line.split()[0] for line in said] == ["livekit", "minio"]
