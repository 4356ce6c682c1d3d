"""What ends a build; the message says what was wrong and, where it is known, what to do."""

from rtcstack.appliance.faults import CannotStart


class CannotBuild(CannotStart):
    """The one file was not written."""
