"""The object store's errors in our words, mapped once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError

from minio.error import InvalidResponseError, S3Error, ServerError
from urllib3.exceptions import HTTPError, ProtocolError

from rtcstack.adapters.http.bounded_response import AnswerTooLarge
from rtcstack.adapters.http.guard import AddressRefused
from rtcstack.errors import ObjectNotFound, PartRefused, PartUnavailable, RtcError, StoreDenied

_PART = "minio"
_LONGEST_WORDS = 300
_CONNECTION = re.compile(r"^Guarded\w+\([^)]*\): ")
"""urllib3 names its connection first, which is ours to know."""
_MISSING = frozenset({"NoSuchKey", "NoSuchObject"})
_PASSING = frozenset(
    {"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "XMinioServerNotInitialized"}
)


def _from_s3(error: S3Error) -> RtcError:
    code, said = words_of(error.code), words_of(error.message)
    if code in _MISSING:
        return ObjectNotFound("The object store has no such object.", part=_PART, s3_code=code)
    if code == "AccessDenied":
        return StoreDenied(f"The object store refused: {said}", part=_PART, s3_code=code)
    if code in _PASSING:
        return PartUnavailable(f"The object store could not do it: {said}", part=_PART, s3_code=code)
    return PartRefused(f"The object store refused: {said}", part=_PART, s3_code=code)


@contextmanager
def s3_failures() -> Iterator[None]:
    try:
        yield
    except S3Error as e:
        raise _from_s3(e) from e
    except (ServerError, InvalidResponseError, ParseError, ValueError, AnswerTooLarge) as e:
        raise PartUnavailable(
            f"The object store gave an answer that is none: {words_of(e)}", part=_PART
        ) from e
    except AddressRefused as e:
        raise PartRefused(str(e), part=_PART) from e
    except (HTTPError, OSError) as e:
        raise PartUnavailable("The object store cannot be reached.", part=_PART) from e


def words_of(error: object) -> str:
    """Return what a store or a library said, on one line and not too long.

    Not what an answer holds that is no store's: it may come from another server that only we can reach.
    """
    text = str(error)
    if isinstance(error, InvalidResponseError):
        text = text.partition(", Body:")[0]
    if isinstance(error, ProtocolError) and len(error.args) > 1:
        text = str(error.args[1])
    text = _CONNECTION.sub("", text)
    shown = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(shown.split())[:_LONGEST_WORDS].rstrip(".")
