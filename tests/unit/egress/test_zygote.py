"""The zygote and its children when their log takes nothing any more."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from rtcstack.egress.zygote import BEGUN, Finish, FinishFailed, encode
from rtcstack.spawn import spawn_argv


@pytest.fixture
def zygote() -> Iterator[socket.socket]:
    """The dispatcher's end of a zygote whose log lies on a full disk."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, Path("/dev/full").open("wb") as full:
        with theirs:
            argv = spawn_argv("zygote", str(theirs.fileno()), "info", "json")
            process = subprocess.Popen(argv, pass_fds=[theirs.fileno()], stderr=full)
        yield ours
        ours.close()
        process.wait(20)


def test_a_finishing_child_answers_although_its_log_is_full(zygote: socket.socket, tmp_path: Path) -> None:
    part = tmp_path / "part-1.mp4"
    part.write_bytes(b"no MP4")
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            task = encode(Finish("EG_1", tmp_path, (part.name,), tmp_path / "recording.mp4"))
            socket.send_fds(zygote, [task], [theirs.fileno()])
        ours.settimeout(20)
        with ours.makefile("rb") as lines:
            assert lines.readline() == BEGUN
            answer = msgspec.json.decode(lines.readline(), type=FinishFailed)
    assert "no media" in answer.error
    assert not answer.is_passing


def test_what_it_cannot_read_is_let_go_and_the_next_one_is_done(
    zygote: socket.socket, tmp_path: Path
) -> None:
    part = tmp_path / "part-1.mp4"
    part.write_bytes(b"no MP4")
    task = encode(Finish("EG_1", tmp_path, (part.name,), tmp_path / "recording.mp4"))
    answers = []
    for data in (task[:-1], task):
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                socket.send_fds(zygote, [data], [theirs.fileno()])
            ours.settimeout(20)
            answers.append(ours.recv(1))
    assert answers == [b"", BEGUN]
