"""What the launcher of the one file does before anything of the product runs: tried with a few bytes in place of it."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.onefile import programs
from deploy.onefile.join import join
from deploy.onefile.layer import pack
from tests.support.environment import outer_environment

_RUN = """#!/bin/sh
shift 11
case $1 in
wait) echo waiting; exec sleep 600 ;;
*) echo "ran $VERSION $*" ;;
esac
"""
Make = Callable[..., "OneFile"]


class OneFile:
    def __init__(self, file: Path, cache: Path) -> None:
        self.file, self.versions = file, cache / "one-file"
        self.environ = {**outer_environment(), "RTCSTACK_CACHE": str(cache)}

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return self.run_as(str(self.file), *words)

    def run_as(self, *argv: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(argv, env=self.environ, capture_output=True, text=True, timeout=60, check=False)

    def begin(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen([self.file, *words], env=self.environ, stdout=-1, stderr=-1, text=True)

    def folders(self) -> list[str]:
        return sorted(entry.name.partition("-")[0] for entry in self.versions.iterdir() if entry.is_dir())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("launcher")
    programs.build_launcher(folder / "rtcstack", ".", outer_environment())
    programs.build_launcher(folder / "pack", "./pack", outer_environment())
    return folder


@pytest.fixture
def make(built: Path, tmp_path: Path) -> Make:
    """Write a one file of some version, with so many bytes that cannot be compressed."""

    def write(version: str = "1.0", filler_bytes: int = 0) -> OneFile:
        content = tmp_path / f"content-{version}"
        loader = content / "lib" / "loader" / "rtcstack"
        loader.parent.mkdir(parents=True)
        loader.write_text(_RUN.replace("$VERSION", version))
        loader.chmod(0o755)
        (content / "start.py").touch()
        (content / "filler").write_bytes(os.urandom(filler_bytes))
        layer = pack(built / "pack", "all", content, tmp_path / f"{version}.zst")
        file = tmp_path / "rtcstack"
        join(file, version, built / "rtcstack", [layer])
        return OneFile(file, tmp_path / "cache")

    return write


def test_it_unpacks_once_and_passes_everything_on(make: Make) -> None:
    one = make()
    first, second = one.run("up", "--data", "a b"), one.run("down")
    assert (first.returncode, first.stdout) == (0, "ran 1.0 up --data a b\n")
    assert "Unpacking rtcstack 1.0 into" in first.stderr
    assert (second.stdout, second.stderr) == ("ran 1.0 down\n", "")


def test_two_starts_at_once_unpack_it_once(make: Make) -> None:
    one = make(filler_bytes=20_000_000)
    with one.begin("up") as first, one.begin("up") as second:
        outputs = [first.communicate(timeout=60), second.communicate(timeout=60)]
    assert [out for out, _ in outputs] == ["ran 1.0 up\n"] * 2
    assert sum("Unpacking" in err for _, err in outputs) == 1


def test_an_interrupted_unpacking_leaves_nothing(make: Make) -> None:
    one = make(filler_bytes=100_000_000)
    with one.begin("up") as process:
        deadline = time.monotonic() + 30
        while not (one.versions.is_dir() and any(one.versions.glob(".unfinished-*/*"))):
            assert time.monotonic() < deadline, "it does not unpack"
        process.send_signal(signal.SIGKILL)
    assert one.folders() == [".unfinished"]
    assert one.run("up").stdout == "ran 1.0 up\n"
    assert one.folders() == ["1.0"]


def test_a_new_version_replaces_the_file_at_once_and_the_old_folder_when_nobody_runs_from_it(
    make: Make,
) -> None:
    with make("1.0").begin("wait") as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "waiting\n"
        two = make("2.0")
        assert two.run("up").stdout == "ran 2.0 up\n"
        assert two.folders() == ["1.0", "2.0"]
        running.kill()
    three = make("3.0")
    assert three.run("up").stdout == "ran 3.0 up\n"
    assert three.folders() == ["3.0"]


def test_a_folder_that_was_moved_away_is_unpacked_again(make: Make) -> None:
    one = make()
    one.run("up")
    shutil.rmtree(one.versions)
    assert one.run("up").stdout == "ran 1.0 up\n"


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda content: content[:-1], "is incomplete: copy or download it again"),
        (lambda content: content[:-60_000], "is incomplete: copy or download it again"),
        (lambda content: content[:-3000] + b"\0" * 8 + content[-2992:], "is damaged"),
    ],
)
def test_a_broken_file_is_named(make: Make, spoil: Callable[[bytes], bytes], word: str) -> None:
    one = make(filler_bytes=100_000)
    one.file.write_bytes(spoil(one.file.read_bytes()))
    ran = one.run("up")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert word in ran.stderr
    assert not one.versions.exists() or one.folders() == []


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ("noexec", "that disk is mounted noexec"),
        ("size=90m", "MB to unpack itself in"),
        ("ro", "read-only file system"),
    ],
)
def test_a_place_that_will_not_do_is_named_with_the_way_out(make: Make, options: str, word: str) -> None:
    one = make(filler_bytes=30_000_000)
    cache = one.versions.parent
    cache.mkdir()
    mount = f'mount -t tmpfs -o {options} tmpfs "$0" && exec "$1" up'
    ran = one.run_as("unshare", "--mount", "--map-root-user", "sh", "-c", mount, str(cache), str(one.file))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert word in ran.stderr
    assert "Set RTCSTACK_CACHE to a folder" in ran.stderr


def test_without_a_home_folder_it_asks_for_one(make: Make) -> None:
    one = make()
    home = str(one.versions.parent / "file")
    one.versions.parent.mkdir()
    Path(home).touch()
    one.environ = {"HOME": home, "PATH": outer_environment()["PATH"]}
    ran = one.run("up")
    assert ran.returncode == 1
    assert "not a directory" in ran.stderr
    assert "Set RTCSTACK_CACHE to a folder" in ran.stderr
