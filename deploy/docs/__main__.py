"""Writes the files below docs/ that are made from the OpenAPI document, and removes what is no longer made."""

import sys
from pathlib import Path

from deploy.docs.bruno import files
from deploy.docs.document import Document, read_document
from deploy.docs.postman import collection
from deploy.docs.reference import pages

_DOCS = Path(__file__).parents[2] / "docs"
FOLDERS = ("reference", "bruno", "postman")


def made(document: Document) -> dict[str, str]:
    """Return the text of each file by its path below docs/."""
    return {
        **{f"reference/{name}": text for name, text in pages(document).items()},
        **{f"bruno/{name}": text for name, text in files(document).items()},
        "postman/rtcstack.postman_collection.json": collection(document),
    }


def written(docs: Path) -> set[str]:
    """Return the paths of what lies in the folders that are made."""
    return {
        str(file.relative_to(docs))
        for folder in FOLDERS
        for file in (docs / folder).rglob("*")
        if file.is_file()
    }


def main() -> None:
    wanted = made(read_document())
    for old in written(_DOCS) - set(wanted):
        (_DOCS / old).unlink()
    for name, text in wanted.items():
        file = _DOCS / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            sys.stdout.write(f"docs/{name}\n")


if __name__ == "__main__":
    main()
