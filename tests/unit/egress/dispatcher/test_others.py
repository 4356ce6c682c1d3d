import os
from pathlib import Path

import pytest

from rtcstack.egress.dispatcher.others import OtherWork

_HERE = min(os.sched_getaffinity(0))
_FOREIGN = max(os.sched_getaffinity(0)) + 1
_PER_S = os.sysconf("SC_CLK_TCK")


def _write(stat: Path, *, user_s: float, nice_s: float = 0, steal_s: float = 0, foreign_s: float = 0) -> None:
    def line(name: str, user: float, nice: float = 0, steal: float = 0) -> str:
        columns = [user, nice, 0, 1e6, 1e6, 0, 0, steal, 0, 0]
        return " ".join([name, *(str(round(seconds * _PER_S)) for seconds in columns)])

    ours = line(f"cpu{_HERE}", user_s, nice_s, steal_s)
    lines = [line("cpu ", 7e6), ours, line(f"cpu{_FOREIGN}", foreign_s), "intr 1 2", "ctxt 5"]
    stat.write_text("\n".join(lines) + "\n")


@pytest.fixture
def stat(tmp_path: Path) -> Path:
    return tmp_path / "stat"


def test_what_recorders_use_is_not_other_work(stat: Path) -> None:
    others = OtherWork(stat)
    _write(stat, user_s=100)
    others.note(0)
    assert others.cores(0) == 0, "one look says nothing"
    _write(stat, user_s=107, steal_s=1)
    others.note(8)
    assert others.cores(0) == pytest.approx(1.0)
    assert others.cores(0.4) == pytest.approx(0.6)
    assert others.cores(1.2) == 0


def test_what_gives_way_and_what_runs_on_other_cpus_does_not_count(stat: Path) -> None:
    others = OtherWork(stat)
    _write(stat, user_s=100)
    others.note(0)
    _write(stat, user_s=101, nice_s=5, foreign_s=5)
    others.note(5)
    assert others.cores(0) == pytest.approx(0.2)


def test_whoever_else_is_there_has_the_cores_first_that_a_container_is_kept_from(stat: Path) -> None:
    others = OtherWork(stat)
    _write(stat, user_s=0)
    others.note(0)
    _write(stat, user_s=9)
    others.note(10)
    assert others.cores(0, left_alone=0.5) == pytest.approx(0.4)


def test_only_the_last_seconds_count(stat: Path) -> None:
    others = OtherWork(stat)
    for at_s in range(0, 40, 2):
        _write(stat, user_s=min(at_s, 20))
        others.note(float(at_s))
    assert others.cores(0) == 0


def test_without_such_a_file_nothing_is_known(tmp_path: Path) -> None:
    others = OtherWork(tmp_path / "nothing")
    others.note(0)
    others.note(2)
    assert others.cores(0) == 0
