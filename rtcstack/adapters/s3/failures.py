"""The object store's errors in our words, mapped once."""

from collections.abc import Iterator
from contextlib import contextmanager

from minio.error import InvalidResponseError, S3Error, ServerError
from urllib3.exceptions import HTTPError

from rtcstack.adapters.http.guard import AddressRefused
from rtcstack.errors import ObjectNotFound, PartRefused, PartUnavailable, RtcError, StoreDenied

_PART = "minio"
_MISSING = frozenset({"NoSuchKey", "NoSuchObject"})
_PASSING = frozenset(
    {"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "XMinioServerNotInitialized"}
)


def _from_s3(error: S3Error) -> RtcError:
    if error.code in _MISSING:
        return ObjectNotFound("The object store has no such object.", part=_PART, s3_code=error.code)
    if error.code == "AccessDenied":
        return StoreDenied(f"The object store refused: {error.message}", part=_PART, s3_code=error.code)
    if error.code in _PASSING:
        return PartUnavailable(
            f"The object store could not do it: {error.message}", part=_PART, s3_code=error.code
        )
    return PartRefused(f"The object store refused: {error.message}", part=_PART, s3_code=error.code)


@contextmanager
def s3_failures() -> Iterator[None]:
    try:
        yield
    except S3Error as e:
        raise _from_s3(e) from e
    except (ServerError, InvalidResponseError) as e:
        raise PartUnavailable(f"The object store gave an answer that is none: {e}", part=_PART) from e
    except AddressRefused as e:
        raise PartRefused(str(e), part=_PART) from e
    except (HTTPError, OSError) as e:
        raise PartUnavailable("The object store cannot be reached.", part=_PART) from e
