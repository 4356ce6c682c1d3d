"""What the worker's two lasting processes carry: each a hundred modules that it needs, and no heavy one for the other."""

import subprocess
import sys
from pathlib import Path

import pytest

from rtcstack.egress.zygote import WARM

_ROOT = Path(__file__).parents[3]
_BOTH = "rtcstack.egress.dispatcher.process"
"""What is imported when the one forks from the other."""
_DISPATCHER = (_BOTH, "rtcstack.egress.dispatcher.main")
_ZYGOTE = (_BOTH, *WARM)
_OF_NEITHER = {
    "typer",
    "rich",
    "pygments",
    "aiohttp",
    "jwt",
    "cryptography.hazmat",
    "livekit.api",
    "litestar",
    "jinja2",
}
_OF_RECORDERS = {"av", "numpy", "PIL", "livekit.rtc"}
_OF_THE_DISPATCHER = {"pydantic", "redis", "minio", "urllib3", "livekit.protocol"}


def _loaded(modules: tuple[str, ...]) -> set[str]:
    code = "import importlib, sys; [importlib.import_module(m) for m in sys.argv[1:]]; print(*sys.modules)"
    argv = [sys.executable, "-c", code, *modules]
    return set(subprocess.run(argv, capture_output=True, text=True, check=True, cwd=_ROOT).stdout.split())


@pytest.mark.parametrize(
    ("modules", "needed", "spared"),
    [
        pytest.param(_DISPATCHER, _OF_THE_DISPATCHER, _OF_RECORDERS, id="dispatcher"),
        pytest.param(_ZYGOTE, _OF_RECORDERS, _OF_THE_DISPATCHER, id="zygote"),
    ],
)
def test_a_process_loads_what_it_needs_and_not_what_the_other_one_does(
    modules: tuple[str, ...], needed: set[str], spared: set[str]
) -> None:
    loaded = _loaded(modules)
    assert needed <= loaded
    assert loaded & (spared | _OF_NEITHER) == set()


def test_the_worker_is_spared_what_administers_stores() -> None:
    code = f"import sys, {_BOTH} as p; p._leave_out_administration(); import {_DISPATCHER[1]}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=_ROOT)
    loaded = set(ran.stdout.split())
    assert "minio.api" in loaded
    assert loaded & {"minio.crypto", "argon2", "Crypto"} == set()
