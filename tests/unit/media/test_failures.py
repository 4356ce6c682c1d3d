"""Errors cross from the media process to the API and arrive as what they were, without what they must not tell."""

import errno
import signal

import av.error
import pytest

from rtcstack.adapters.media.failures import as_error, ended_without_answer
from rtcstack.errors import (
    DiskFull,
    Internal,
    Invalid,
    ObjectNotFound,
    PartRefused,
    PartUnavailable,
    RtcError,
)
from rtcstack.media.failures import as_answer
from rtcstack.media.fetch import IndexMismatch
from rtcstack.media.order import decode_answer, encode

_CANARY = "http://store/object?X-Amz-Signature=canary"


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (Invalid("no", code="invalid_range"), Invalid, "invalid_range"),
        (PartUnavailable("no", part="storage"), PartUnavailable, "unavailable"),
        (PartRefused("no", part="storage", code="address_refused"), PartRefused, "address_refused"),
        (ObjectNotFound("no", part="storage"), ObjectNotFound, "object_not_found"),
        (IndexMismatch("no", part="storage"), PartRefused, "index_mismatch"),
        (OSError(errno.ENOSPC, _CANARY), DiskFull, "disk_full"),
        (av.error.InvalidDataError(errno.EINVAL, _CANARY), PartRefused, "unreadable_media"),
        (RuntimeError(_CANARY), Internal, "internal"),
    ],
)
def test_an_error_arrives_as_what_it_was(error: Exception, kind: type[RtcError], word: str) -> None:
    line = encode(as_answer(error))
    arrived = as_error(decode_answer(line))
    assert type(arrived) is kind
    assert arrived.word == word
    assert b"canary" not in line


@pytest.mark.parametrize(
    ("status", "kind", "is_retryable"),
    [
        (-signal.SIGSEGV, PartRefused, False),
        (-signal.SIGABRT, PartRefused, False),
        (-signal.SIGKILL, PartUnavailable, True),
        (1, PartUnavailable, True),
    ],
)
def test_a_decoder_that_dies_of_its_input_is_not_tried_again(
    status: int, kind: type[RtcError], is_retryable: bool
) -> None:
    error = ended_without_answer(status)
    assert type(error) is kind
    assert error.retryable is is_retryable
