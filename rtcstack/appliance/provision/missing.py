"""The one message in which provisioning ends when something cannot be had."""

from collections.abc import Sequence

from rtcstack.appliance.faults import CannotStart


class Missing(CannotStart):
    """A program is missing that we cannot get ourselves."""

    def __init__(self, what: str, purpose: str, command: str, reason: str = "") -> None:
        self.what = what
        because = f"\n  {reason}" if reason else ""
        super().__init__(f"{what} is missing. It is needed {purpose}.{because}\n  To get it:  {command}")


class SeveralMissing(CannotStart):
    """All of them at once: nobody should learn of the second only after having got the first."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        self.missing = tuple(missing)
        super().__init__("\n".join(str(one) for one in missing))
