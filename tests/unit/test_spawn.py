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


def test_who_looks_at_pictures_gives_way_from_the_first_import_on() -> None:
    code = (
        "import os, sys; from rtcstack.spawn import find_child_role; find_child_role(['room-view']);"
        "print(os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0) == os.SCHED_BATCH,"
        " 'rtcstack.adapters.moderation.room_view_child' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["10", "True", "True"]


def test_to_step_back_twice_is_to_step_back_once() -> None:
    code = "import os; from rtcstack.background import step_back; step_back(); step_back(); print(os.nice(0))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"10\n"


def test_what_was_started_to_give_way_does_not_step_forward() -> None:
    code = "import os; os.nice(19); from rtcstack.background import step_forward; step_forward(); print(os.nice(0))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "19"
