"""Small programs that stand on a PATH of their own, in the place of a machine's Go or apt-get."""

from pathlib import Path


def put_script(folder: Path, name: str, body: str) -> Path:
    """Write an executable shell script."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / name
    script.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    script.chmod(0o755)
    return script
