"""How commands and paths are shown to the person at the terminal: so that they can be typed as they stand."""

import shlex
import sys
from pathlib import Path


def shown(path: Path) -> str:
    """Return the path as short as it works from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def command(word: str, data: Path) -> str:
    """Return the command on a data folder, called as this very program was: the checkout's is not on the PATH."""
    program = shlex.quote(shown(Path(sys.argv[0]).absolute()))
    where = "" if data == Path("data").resolve() else f" --data {shlex.quote(shown(data))}"
    return f"{program} {word}{where}"
