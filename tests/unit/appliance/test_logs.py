import os
from pathlib import Path

from rtcstack.appliance import logs


def test_a_log_beyond_its_bound_moves_beside_and_its_writer_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "redis.log"
    with os.fdopen(logs.open_log(file), "ab") as writer:
        writer.write(b"x" * (logs.CAP_BYTES + 1))
        writer.flush()
        logs.cap(file)
        writer.write(b"after\n")
    assert file.read_text() == "after\n"
    assert (tmp_path / "redis.log.1").stat().st_size == logs.CAP_BYTES + 1
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_log_within_its_bound_stays(tmp_path: Path) -> None:
    file = tmp_path / "redis.log"
    file.write_text("before\n")
    with os.fdopen(logs.open_log(file), "ab") as writer:
        writer.write(b"after\n")
    assert file.read_text() == "before\nafter\n"
    assert list(tmp_path.iterdir()) == [file]


def test_the_tail_is_the_last_lines(tmp_path: Path) -> None:
    file = tmp_path / "redis.log"
    assert logs.tail(file) == ""
    file.write_text("\n".join(f"line {n}" for n in range(10_000)))
    assert logs.tail(file, lines=2) == "line 9998\nline 9999"
