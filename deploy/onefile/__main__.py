"""The command behind scripts/build."""

import argparse
import sys
from pathlib import Path

from deploy.onefile.build import ARCHITECTURE, Build
from rtcstack import __version__
from rtcstack.appliance.faults import CannotStart
from rtcstack.appliance.provision import cache_folder
from rtcstack.appliance.provision.progress import Progress
from rtcstack.cli.environment import ENVIRON, load_settings

_EPILOG = """\
The file carries the interpreter, the libraries as they are installed in .venv, LiveKit, MinIO, Redis and the C library
they are linked to: it runs on any Linux of this architecture. What is built once is kept in the cache folder
(RTCSTACK_CACHE, ~/.cache/rtcstack unless set). The same sources and the same system give the same bytes.
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/build",
        description=f"Build dist/rtcstack-{__version__}-linux-{ARCHITECTURE}: the whole appliance as one executable.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", default=__version__, help="the version that it tells (default: %(default)s)"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("dist"), help="the folder to write to (default: dist)"
    )
    return parser


def main() -> int:
    asked = _parser().parse_args()
    try:
        built = Build(asked.version, cache_folder(load_settings()), ENVIRON, Progress()).run(asked.out)
    except CannotStart as e:
        print(f"\n{e}", file=sys.stderr)  # noqa: T201 - a command line
        return 1
    print(f"{built}  {built.stat().st_size / 1e6:.0f} MB")  # noqa: T201 - a command line
    return 0


if __name__ == "__main__":
    sys.exit(main())
