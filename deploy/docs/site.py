"""What `mkdocs` does besides: folders in the navigation, and links that lead out of docs/ into the checkout."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_LINK = re.compile(r"\[([^\]]+)\]\(((?:\.\./)+[^)#\s]+)[^)]*\)")


def on_config(config: Any) -> Any:
    """Put in place of a folder its pages that stand nowhere else. MkDocs calls this before it builds."""
    named = {one for one in _entries(config.nav) if not one.endswith("/")}
    config.nav = _expanded(Path(config.docs_dir), config.nav, named)
    return config


def on_post_build(config: Any) -> None:
    """Say where it is, also when all else is quiet. MkDocs calls this when it has built."""
    sys.stdout.write(f"The site: {Path(config.site_dir) / 'index.html'}\n")


def _entries(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for one in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from _entries(one)


def _expanded(docs: Path, nav: Any, named: set[str]) -> Any:
    if isinstance(nav, dict):
        return {title: _expanded(docs, value, named) for title, value in nav.items()}
    if isinstance(nav, list):
        found = [_expanded(docs, one, named) for one in nav]
        return [entry for one in found for entry in (one if isinstance(one, list) else [one])]
    return _pages(docs, nav, named) if nav.endswith("/") else nav


def _pages(docs: Path, folder: str, named: set[str]) -> list[str]:
    pages = sorted((docs / folder).glob("*.md"), key=lambda page: (page.name != "README.md", page.name))
    return [name for page in pages if (name := str(page.relative_to(docs))) not in named]


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """Name a file of the checkout instead of linking to it: the site has only docs/."""
    docs = Path(config.docs_dir).resolve()
    here = (docs / page.file.src_uri).parent

    def named(link: re.Match[str]) -> str:
        target = (here / link[2]).resolve()
        if target.is_relative_to(docs) or not target.exists():
            return link[0]
        path = str(target.relative_to(docs.parent))
        return link[1] if path in link[1] else f"{link[1]} (`{path}`)"

    return _LINK.sub(named, markdown)
