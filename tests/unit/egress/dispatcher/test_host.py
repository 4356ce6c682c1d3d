from pathlib import Path

import pytest

from rtcstack.egress.dispatcher import host


def _cgroup(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text + "\n")
    return folder


def test_without_limits_the_machine_counts(tmp_path: Path) -> None:
    found = host.measure(tmp_path)
    assert found.cores >= 1
    assert 0 < found.memory_bytes < 1 << 50


def test_a_containers_limits_count(tmp_path: Path) -> None:
    cgroup = _cgroup(
        tmp_path,
        cpu_max="50000 100000",
        memory_max="300000000",
        memory_current="250000000",
        memory_stat="anon 100\ninactive_file 60000000\nactive_file 40000000\nfile 1",
    )
    assert host.measure(cgroup) == host.Host(
        0.5, pytest.approx(150_000_000), host.measure(tmp_path / "nothing").cores - 0.5
    )


def test_a_container_without_limits_is_the_machine(tmp_path: Path) -> None:
    cgroup = _cgroup(
        tmp_path, cpu_max="max 100000", memory_max="max", memory_current="1", memory_stat="anon 1"
    )
    assert host.measure(cgroup).cores == host.measure(tmp_path / "nothing").cores
