"""The one direction of flow, held by reading the imports: surface → service → port ← adapter."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2] / "rtcstack"
_SDKS = {"livekit", "minio", "redis", "aiosqlite", "av", "cryptography", "hvac", "obstore"}
_SDK_HOMES = ("adapters", "egress", "demo", "media")
_LITESTAR_HOMES = ("api", "dashboard", "join", "app.py")
_MAX_LINES = 250

_FORBIDDEN = {
    "domain": (
        "rtcstack.services",
        "rtcstack.ports",
        "rtcstack.adapters",
        "rtcstack.api",
        "rtcstack.repositories",
    ),
    "ports": ("rtcstack.services", "rtcstack.adapters", "rtcstack.api", "rtcstack.workers"),
    "repositories": ("rtcstack.services", "rtcstack.adapters", "rtcstack.api", "rtcstack.workers"),
    "services": (
        "rtcstack.adapters",
        "rtcstack.api",
        "rtcstack.workers",
        "rtcstack.egress",
        "rtcstack.bootstrap",
    ),
    "adapters": ("rtcstack.services", "rtcstack.api", "rtcstack.workers", "rtcstack.bootstrap"),
    "api": ("rtcstack.adapters", "rtcstack.repositories", "rtcstack.egress"),
    "dashboard": (
        "rtcstack.adapters",
        "rtcstack.repositories",
        "rtcstack.egress",
        "rtcstack.workers",
        "rtcstack.api.rooms",
        "rtcstack.api.halls",
        "rtcstack.api.library",
        "rtcstack.api.clips",
        "rtcstack.api.webhooks",
        "rtcstack.api.settings",
        "rtcstack.api.admin",
    ),
    "join": (
        "rtcstack.adapters",
        "rtcstack.dashboard",
        "rtcstack.repositories",
        "rtcstack.egress",
        "rtcstack.workers",
    ),
    "egress": ("rtcstack.services", "rtcstack.api", "rtcstack.bootstrap", "rtcstack.repositories"),
    "media": (
        "rtcstack.services",
        "rtcstack.api",
        "rtcstack.bootstrap",
        "rtcstack.repositories",
        "rtcstack.workers",
    ),
    "appliance": ("rtcstack.services", "rtcstack.api", "rtcstack.bootstrap", "rtcstack.adapters"),
    "demo": (
        "rtcstack.services",
        "rtcstack.api",
        "rtcstack.bootstrap",
        "rtcstack.adapters",
        "rtcstack.repositories",
    ),
}
_SURFACES = ("rooms", "halls", "library", "webhooks", "hooks")


def _files() -> list[Path]:
    return sorted(_ROOT.rglob("*.py"))


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _home(file: Path) -> str:
    return file.relative_to(_ROOT).parts[0]


@pytest.mark.parametrize("layer", sorted(_FORBIDDEN))
def test_a_layer_imports_only_what_lies_below_it(layer: str) -> None:
    files = sorted((_ROOT / layer).rglob("*.py"))
    assert files
    wrong = [(str(f), name) for f in files for name in _imports(f) if name.startswith(_FORBIDDEN[layer])]
    assert wrong == []


def test_sdks_are_used_by_adapters_and_media_only() -> None:
    wrong = [
        (str(file), name)
        for file in _files()
        if _home(file) not in _SDK_HOMES
        for name in _imports(file)
        if name.split(".")[0] in _SDKS
    ]
    assert wrong == []


def test_litestar_is_used_by_the_api_only() -> None:
    wrong = [
        str(file)
        for file in _files()
        if _home(file) not in _LITESTAR_HOMES and any(n.split(".")[0] == "litestar" for n in _imports(file))
    ]
    assert wrong == []


def test_surfaces_do_not_import_each_other() -> None:
    wrong = [
        (surface, name)
        for surface in _SURFACES
        for file in (_ROOT / "api" / surface).rglob("*.py")
        for name in _imports(file)
        for other in _SURFACES
        if other != surface and name.startswith(f"rtcstack.api.{other}")
    ]
    assert wrong == []


def test_only_bootstrap_the_egress_worker_and_the_media_process_join_adapters() -> None:
    homes = {
        "bootstrap.py",
        "bootstrap_access.py",
        "bootstrap_backup.py",
        "bootstrap_doctor.py",
        "adapters",
        "egress",
        "media",
    }
    wrong = [
        str(file)
        for file in _files()
        if _home(file) not in homes and any(n.startswith("rtcstack.adapters") for n in _imports(file))
    ]
    assert wrong == []


def test_no_file_is_longer_than_a_reader_likes() -> None:
    tests = Path(__file__).parents[1].rglob("*.py")
    long = {
        str(f): n
        for f in (*_files(), *tests)
        if (n := len(f.read_text(encoding="utf-8").splitlines())) > _MAX_LINES
    }
    assert long == {}
