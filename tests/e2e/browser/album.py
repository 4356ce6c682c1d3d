"""The pages of docs/ that show all pictures, as far as they were taken, with words for those who do not see them."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"
_SIGHTS = tomllib.loads(Path(__file__).with_name("album.toml").read_text(encoding="utf-8"))
_HEADS = {
    "dashboard": """# The dashboard in pictures

Every page of the [dashboard](dashboard.md), light and dark, on a wide screen (1280 pixels) and a narrow one (375). `scripts/pictures` takes them
anew: it brings up an appliance of its own, holds and records meetings of drawn participants, lets one of them fail and archives another.
""",
    "join": """# The join page in pictures

What people may see who open a [link](join.md), light and dark, on a wide screen (1280 pixels) and a narrow one (375). `scripts/pictures` takes them
anew, with drawn people in front of the cameras.
""",
}


def _sections(folder: str) -> Iterator[str]:
    for name, sight in _SIGHTS[folder].items():
        wide, wide_dark, narrow, narrow_dark = files = [
            f"images/{folder}/{name}-{look}.png"
            for look in ("wide-light", "wide-dark", "narrow-light", "narrow-dark")
        ]
        title = sight["title"]
        if all((DOCS / file).exists() for file in files):
            yield (
                f"\n## {title}\n\n![{sight['seen']}]({wide})\n\n![{title}, dark]({wide_dark})\n\n"
                f"![{title}, on a narrow screen]({narrow}) ![{title}, on a narrow screen, dark]({narrow_dark})\n"
            )


def pages() -> dict[Path, str]:
    """Return the text of each page."""
    return {
        DOCS / f"{folder}-pictures.md": head + "".join(_sections(folder)) for folder, head in _HEADS.items()
    }


def write() -> None:
    for page, text in pages().items():
        page.write_text(text, encoding="utf-8")
