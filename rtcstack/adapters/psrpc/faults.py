"""psrpc's error codes, and what they are in the product's own words."""

from typing import Final, Literal

from rtcstack import errors

Code = Literal[
    "canceled",
    "deadline_exceeded",
    "failed_precondition",
    "internal",
    "invalid_argument",
    "not_found",
    "resource_exhausted",
    "unavailable",
    "unimplemented",
    "unknown",
]

_PASSING: Final = {"canceled", "deadline_exceeded", "resource_exhausted", "unavailable"}
"""LiveKit tries these again (`rpc/egress_client.go`), and so may we."""

_BY_ERROR: Final[tuple[tuple[type[errors.RtcError], Code], ...]] = (
    (errors.Invalid, "invalid_argument"),
    (errors.NotFound, "not_found"),
    (errors.Conflict, "failed_precondition"),
    (errors.Exhausted, "resource_exhausted"),
    (errors.PartUnavailable, "unavailable"),
)


class Fault(Exception):
    """What a handler raises to answer a request with an error of exactly this code."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code


def code_and_text(error: BaseException) -> tuple[Code, str]:
    """Return what a caller is told of `error`; the text of an unforeseen one stays in our log."""
    if isinstance(error, Fault):
        return error.code, str(error)
    for kind, code in _BY_ERROR:
        if isinstance(error, kind):
            return code, error.message
    return "internal", "the worker failed; its log says why"


def from_response(code: str, text: str, *, part: str, call: str) -> errors.Upstream:
    """Return the error for a response that carries one; `psrpc_code` is among its details."""
    kind = errors.PartUnavailable if code in _PASSING else errors.PartRefused
    return kind(f"{call}: {text}", part=part, psrpc_code=code)
