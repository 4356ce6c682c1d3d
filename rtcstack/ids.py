"""Time-sortable ids with a type prefix: `rec_`, `room_`, `whk_`, `evt_`, `key`, …

The body is 26 characters of Crockford base32, laid out like a ULID: 48 bits of milliseconds, then 80 random bits.
Ids of one process made within one millisecond are still in order, since the random part counts up.
"""

import secrets
import threading

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80
_lock = threading.Lock()
_last: list[int] = [0]


def _encode(value: int) -> str:
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def first_id(prefix: str, at_ms: int) -> str:
    """Return an id that no id made at `at_ms` or later is below."""
    return f"{prefix}_{_encode(at_ms << _RANDOM_BITS)}"


def new_id(prefix: str, now_ms: int) -> str:
    """Return `{prefix}_{26 characters}`; ids made later sort later."""
    with _lock:
        value = (now_ms << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
        if value >> _RANDOM_BITS <= _last[0] >> _RANDOM_BITS:
            value = _last[0] + 1
        _last[0] = value
    return f"{prefix}_{_encode(value)}"
