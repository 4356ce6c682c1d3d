"""Free loopback ports, below the range that outgoing connections take theirs from."""

import random
import socket

_RANGE = (24000, 31999)
_given: set[int] = set()


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def free_port() -> int:
    """Return a port that nobody listens on and that this run has not given before."""
    for _ in range(1000):
        port = random.randint(*_RANGE)
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    raise RuntimeError("no free port found")
