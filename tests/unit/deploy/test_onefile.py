"""What goes into the one file, and that the same goes in as the same bytes."""

import os
import sys
from importlib import metadata
from pathlib import Path

import pytest

from deploy.onefile import libraries, packages
from deploy.onefile.faults import CannotBuild
from deploy.onefile.folder import compile_all, copy_tree
from deploy.onefile.key import key_of

_CHECKOUT = Path(__file__).parents[3]


def test_what_the_product_needs_is_in_and_what_tests_it_is_not() -> None:
    names = {one.name.lower() for one in packages.closure(_CHECKOUT)}
    assert {"livekit", "av", "litestar", "onnxruntime", "hvac", "certifi"} <= names
    assert not {"pytest", "mypy", "testcontainers", "rtcstack", "pip"} & names


def test_a_library_that_is_not_installed_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["no-such-library>=1"]\n')
    with pytest.raises(CannotBuild, match="no-such-library is not installed"):
        packages.closure(tmp_path)


def test_only_what_runs_is_copied(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for name in ("a.py", "a.pyi", "a.pyc", "tests/b.py", "c/d.so", "left/e.py"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).touch()
    copy_tree(source, target, {"left"})
    assert sorted(str(file.relative_to(target)) for file in target.rglob("*.*")) == ["a.py", "c/d.so"]


def test_modules_are_compiled_without_times_and_places(tmp_path: Path) -> None:
    compiled = []
    for index, name in enumerate(("one", "another")):
        module = tmp_path / name / "module.py"
        module.parent.mkdir()
        module.write_text("def f(x):\n    return {x: 'text'}\n")
        os.utime(module, (index, index))
        assert compile_all(module.parent)
        (file,) = module.parent.glob("__pycache__/*.pyc")
        compiled.append(file.read_bytes())
    assert compiled[0] == compiled[1]


def test_the_list_of_a_librarys_files_does_not_say_where_it_was_installed(tmp_path: Path) -> None:
    library = metadata.distribution("httpx")
    assert "/bin/httpx,sha256=" in (library.read_text("RECORD") or "")
    packages.collect([library], tmp_path)
    (listed,) = tmp_path.glob("httpx-*.dist-info/RECORD")
    assert "httpx/__init__.py,sha256=" in listed.read_text()
    assert "/bin/" not in listed.read_text()


def test_libraries_are_found_by_the_loader_of_the_interpreter() -> None:
    program = Path(sys.executable).resolve()
    loader = libraries.find_loader(program)
    assert "libc.so.6" in libraries.linked(loader, program)
    assert not libraries.is_static(program)


def test_a_lacking_library_ends_the_build(tmp_path: Path) -> None:
    program = Path(sys.executable).resolve()
    spoilt = tmp_path / "program"
    spoilt.write_bytes(program.read_bytes().replace(b"libc.so.6\0", b"libx.so.6\0"))
    with pytest.raises(CannotBuild, match=r"does not have .*program: .*libx.so.6"):
        libraries.linked(libraries.find_loader(program), spoilt)


def test_a_key_follows_from_the_facts_alone() -> None:
    assert key_of({"a": 1, "b": 2}, [3]) == key_of({"b": 2, "a": 1}, [3]) != key_of({"a": 1, "b": 2}, [4])
