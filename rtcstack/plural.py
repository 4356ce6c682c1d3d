"""Numbers of things, as people read them."""


def counted(n: int, noun: str) -> str:
    """Return `1 recording`, `2 recordings`."""
    return f"{n} {noun}{'' if n == 1 else 's'}"
