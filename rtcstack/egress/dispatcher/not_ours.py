class NotOurs(Exception):
    """The request is for another kind of worker; the message says what it wants that this one does not do."""
