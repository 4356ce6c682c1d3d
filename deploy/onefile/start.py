"""What the carried interpreter runs: it finds the carried libraries, and then is the command `rtcstack`."""

import os
import sys
from pathlib import Path


def main() -> int:
    folder = Path(__file__).resolve().parent
    sys.path += [str(folder / "product"), str(folder / "packages")]
    # Children are started by the unpacked launcher, not by the one file: that may be replaced while this runs.
    sys.frozen = True  # type: ignore[attr-defined]  # the usual mark of such a build (rtcstack/spawn.py)
    sys.executable = str(folder / "rtcstack")
    sys.argv[0] = os.environ.get("_RTCSTACK_FILE", sys.executable)  # noqa: TID251 - the launcher says how it was called
    from rtcstack.__main__ import main as run  # noqa: PLC0415 - found only now

    return run()


if __name__ == "__main__":
    sys.exit(main())
