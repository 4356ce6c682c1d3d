"""The site is built from docs/ without a warning, has a place for every page, and asks no other server for anything."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]
_LOADED = re.compile(
    r"""<(?:script|img|iframe|source|link(?![^>]*rel="?(?:canonical|alternate)))\b[^>]*?(?:src|href)="?(https?:|//)"""
)
_IN_STYLES = re.compile(r"""(?:url\(|@import)\s*["']?(?:https?:)?//""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("site")
    argv = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(built)]
    ran = subprocess.run(argv, cwd=_ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == f"The site: {built}/index.html\n", "that is said"
    return built


def test_every_page_is_built_and_can_be_come_to(site: Path) -> None:
    pages = {
        str(page.relative_to(_ROOT / "docs")).replace("README.md", "index.md").replace(".md", ".html")
        for page in (_ROOT / "docs").rglob("*.md")
    }
    contents = (site / "index.html").read_text(encoding="utf-8")
    assert [page for page in pages if not (site / page).is_file()] == []
    assert [page for page in pages if f'href="{page}"' not in contents] == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 50
    assert [page.name for page in pages if _LOADED.search(page.read_text(encoding="utf-8"))] == []
    styles = list(site.rglob("*.css"))
    assert styles
    assert [style.name for style in styles if _IN_STYLES.search(style.read_text(encoding="utf-8"))] == []
