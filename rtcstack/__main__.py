"""`python -m rtcstack`, and the entry point of a single-file build."""

import sys

from rtcstack.spawn import find_child_role


def main() -> int:
    if child := find_child_role(sys.argv[1:]):
        return child()
    from rtcstack.cli.main import main as run_command  # noqa: PLC0415 - a child role does without the command line

    run_command()
    return 0


if __name__ == "__main__":
    sys.exit(main())
