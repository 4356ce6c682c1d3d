"""Why the appliance cannot be brought up; each message is written for the person at the terminal."""


class CannotStart(Exception):
    """The root: the command line prints the message and ends with status 1."""
