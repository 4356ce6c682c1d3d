import subprocess
import sys

import pytest

from rtcstack.spawn import find_child_role, spawn_argv


def test_a_role_runs_with_this_very_installation() -> None:
    argv = spawn_argv("egress", "--help")
    assert argv[0] == sys.executable
    assert "Egress" in subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def test_in_a_single_file_build_the_program_runs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert spawn_argv("zygote", "3") == [sys.executable, "zygote", "3"]


def test_commands_for_people_are_no_child_roles() -> None:
    assert find_child_role(["egress"]) is None
    assert find_child_role([]) is None
    assert find_child_role(["zygote", "3"]) is not None
