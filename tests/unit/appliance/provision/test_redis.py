"""Redis comes from the PATH, else from the system's packages, else the message says how to get it."""

import io
from pathlib import Path

import pytest

from rtcstack.appliance.provision import redis
from rtcstack.appliance.provision.missing import Missing
from rtcstack.appliance.provision.progress import Progress
from tests.support.environment import outer_environment
from tests.support.scripts import put_script

_ROOT, _SOMEBODY = 0, 1000


def _provide(tmp_path: Path, user_id: int, said: io.StringIO | None = None) -> Path:
    environ = {"PATH": str(tmp_path / "bin")}
    return redis.provide(tmp_path / "cache", environ, Progress(said or io.StringIO()), user_id=user_id)


def _real_server(cache: Path) -> Path:
    """Return this machine's, which may be there as one of its tools alone."""
    server = redis.find(cache, outer_environment())
    assert server, "redis-server is missing. To get it:  sudo apt-get install -y redis-server"
    return server.resolve()


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_either_server_on_the_path_will_do(tmp_path: Path, name: str) -> None:
    server = put_script(tmp_path / "bin", name, "exit 0")
    assert _provide(tmp_path, _SOMEBODY) == server


def test_without_apt_the_message_says_what_why_and_how(tmp_path: Path) -> None:
    with pytest.raises(Missing) as raised:
        _provide(tmp_path, _ROOT)
    message = str(raised.value)
    assert message.startswith(
        "redis-server (or valkey-server) is missing. It is needed as the bus between LiveKit"
    )
    assert "There is no apt-get here." in message
    assert "To get it:  sudo apt-get install -y redis-server" in message


def test_nobody_but_root_installs(tmp_path: Path) -> None:
    called = tmp_path / "called"
    put_script(tmp_path / "bin", "apt-get", f": > {called}")
    with pytest.raises(Missing, match="Only root can install it"):
        _provide(tmp_path, _SOMEBODY)
    assert not called.exists()


def test_what_apt_complains_about_is_in_the_message(tmp_path: Path) -> None:
    said = io.StringIO()
    put_script(tmp_path / "bin", "apt-get", "echo 'E: Unable to locate package redis-tools' >&2; exit 100")
    with pytest.raises(
        Missing, match="apt-get could not install it: E: Unable to locate package redis-tools"
    ):
        _provide(tmp_path, _ROOT, said)
    assert "installing Redis from the system's packages: failed after" in said.getvalue()
    assert "done" not in said.getvalue()


def test_root_gets_the_tools_after_an_update_and_runs_them_as_the_server(tmp_path: Path) -> None:
    calls, fresh, binary = tmp_path / "calls", tmp_path / "fresh", tmp_path / "bin" / "redis-check-rdb"
    put_script(
        tmp_path / "bin",
        "apt-get",
        f"""echo "$*" >> {calls}
case "$*" in
  *update*) : > {fresh} ;;
  *install*) [ -e {fresh} ] || exit 100; /bin/cp {_real_server(tmp_path / "real")} {binary} ;;
esac""",
    )
    server = _provide(tmp_path, _ROOT)
    assert server.name == "redis-server"
    assert server.resolve() == binary
    install = "-q -y install --no-install-recommends redis-tools"
    assert calls.read_text().splitlines() == [install, "-q -y update", install]
    assert _provide(tmp_path, _SOMEBODY) == server, "the second time nothing is installed"
    assert len(calls.read_text().splitlines()) == 3
