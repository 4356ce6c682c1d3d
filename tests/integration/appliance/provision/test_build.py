"""Building with the real Go, from a module that lies in a folder: as small as can be."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from rtcstack.appliance.provision import go
from rtcstack.appliance.provision.go import BuildFailed, provide
from rtcstack.appliance.provision.progress import Progress
from rtcstack.appliance.provision.versions import LIVEKIT, GoProgram
from tests.support.environment import outer_environment
from tests.support.scripts import put_script

_MODULE, _VERSION = "example.org/tiny", "v1.0.0"
_PROGRAM = GoProgram(
    "tiny-server", f"{_MODULE}/cmd/server", _VERSION, "server", "version 1.0.0", "to be small"
)


def _publish(proxy: Path, source: str) -> None:
    """Lay the module out as Go's module proxies do."""
    folder = proxy / _MODULE / "@v"
    folder.mkdir(parents=True)
    (folder / "list").write_text(f"{_VERSION}\n")
    (folder / f"{_VERSION}.info").write_text(f'{{"Version": "{_VERSION}"}}')
    (folder / f"{_VERSION}.mod").write_text(f"module {_MODULE}\n")
    with zipfile.ZipFile(folder / f"{_VERSION}.zip", "w") as packed:
        packed.writestr(f"{_MODULE}@{_VERSION}/go.mod", f"module {_MODULE}\n")
        packed.writestr(f"{_MODULE}@{_VERSION}/cmd/server/main.go", source)


def _environ(tmp_path: Path, source: str) -> dict[str, str]:
    _publish(tmp_path / "proxy", source)
    own = {"GOPROXY": f"file://{tmp_path}/proxy", "GOSUMDB": "off", "GOMODCACHE": str(tmp_path / "modules")}
    return {**outer_environment(), **own, "GOFLAGS": "-modcacherw"}


_HELLO = 'package main\nimport "fmt"\nfunc main() { fmt.Println("tiny version 1.0.0") }\n'


def test_it_is_built_once_and_then_found(tmp_path: Path) -> None:
    environ, said = _environ(tmp_path, _HELLO), io.StringIO()
    built = provide(_PROGRAM, tmp_path / "cache", environ, Progress(said))
    assert built == tmp_path / "cache" / "parts" / "tiny-server" / _VERSION / "tiny-server"
    assert (
        subprocess.run([built], capture_output=True, text=True, check=True).stdout == "tiny version 1.0.0\n"
    )
    assert "building tiny-server v1.0.0: done" in said.getvalue()
    without_go = {"PATH": str(tmp_path)}
    assert provide(_PROGRAM, tmp_path / "cache", without_go, Progress(said)) == built


def test_what_the_compiler_refuses_is_told_with_its_log(tmp_path: Path) -> None:
    environ = _environ(tmp_path, "package main\nfunc main() { undefined_thing() }\n")
    with pytest.raises(BuildFailed, match="undefined: undefined_thing") as raised:
        provide(_PROGRAM, tmp_path / "cache", environ, Progress(io.StringIO()))
    folder = tmp_path / "cache" / "parts" / "tiny-server"
    assert str(folder / f"{_VERSION}.log") in str(raised.value)
    assert {entry.name for entry in folder.iterdir()} == {".lock", f"{_VERSION}.log"}


def test_of_two_builds_at_once_one_builds(tmp_path: Path) -> None:
    environ = _environ(tmp_path, _HELLO)
    counted = tmp_path / "builds"
    real = go.find_go(_PROGRAM, environ)
    put_script(tmp_path / "bin", "go", f'[ "$1" = install ] && echo build >> {counted}\nexec {real} "$@"')
    environ["PATH"] = f"{tmp_path / 'bin'}:{environ['PATH']}"
    found: list[Path] = []

    def build() -> None:
        found.append(provide(_PROGRAM, tmp_path / "cache", environ, Progress(io.StringIO())))

    threads = [threading.Thread(target=build) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert counted.read_text() == "build\n"


def test_only_the_very_version_is_taken_from_the_path(tmp_path: Path) -> None:
    environ = _environ(tmp_path, _HELLO)
    environ["PATH"] = f"{tmp_path / 'bin'}:{environ['PATH']}"
    found = put_script(tmp_path / "bin", "tiny-server", "echo tiny version 1.0.0")
    assert provide(_PROGRAM, tmp_path / "cache", environ, Progress(io.StringIO())) == found
    put_script(tmp_path / "bin", "tiny-server", "echo tiny version 0.9.0")
    assert provide(_PROGRAM, tmp_path / "cache", environ, Progress(io.StringIO())) != found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_build_leaves_nothing_that_counts(tmp_path: Path, number: signal.Signals) -> None:
    compiler = tmp_path / "compiler.pid"
    put_script(
        tmp_path / "bin",
        "go",
        f'[ "$1" = env ] && echo go1.26.0 && exit\necho $$ > {compiler}\nexec sleep 600',
    )
    environ = {**outer_environment(), "RTCSTACK_CACHE": str(tmp_path / "cache")}
    environ["PATH"] = f"{tmp_path / 'bin'}:{environ['PATH']}"
    folder = tmp_path / "cache" / "parts" / LIVEKIT.name
    with subprocess.Popen(
        [sys.executable, "-m", "rtcstack", "provision"], env=environ, stderr=subprocess.PIPE
    ) as run:
        deadline = time.monotonic() + 30
        while not (compiler.is_file() and compiler.read_text().strip()):
            assert time.monotonic() < deadline
            assert run.poll() is None, run.stderr.read() if run.stderr else ""
            time.sleep(0.05)
        run.send_signal(number)
        run.communicate(timeout=30)
    assert run.returncode != 0
    pid = int(compiler.read_text())
    if number == signal.SIGKILL:
        os.kill(pid, signal.SIGKILL)
        assert list(folder.glob(".unfinished-*")), "a killed build cannot tidy up"
    else:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert not list(folder.glob(".unfinished-*"))
    assert not (folder / LIVEKIT.version).exists()
    next_one = GoProgram(LIVEKIT.name, _PROGRAM.package, _VERSION, "server", "version 1.0.0", "to be small")
    environ = _environ(tmp_path, _HELLO)
    assert provide(next_one, tmp_path / "cache", environ, Progress(io.StringIO())).is_file()
    assert not list(folder.glob(".unfinished-*"))
