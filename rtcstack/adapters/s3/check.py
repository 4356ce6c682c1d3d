"""Whether a key may put, read and delete in a bucket: found out by doing it, with one small object."""

import io
import re
from collections.abc import Callable
from xml.etree.ElementTree import ParseError

from minio import Minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as HttpTimeout

from rtcstack.adapters.http.bounded_response import AnswerTooLarge
from rtcstack.adapters.http.guard import AddressRefused
from rtcstack.adapters.s3.failures import words_of
from rtcstack.errors import Invalid
from rtcstack.ports.storage import Permissions

_CONTENT = b"rtcstack put this here to check the key of this bucket. It may be deleted.\n"
_REGION = re.compile(rb"<Region>([a-z0-9-]{1,63})</Region>")
_REGION_CODES = frozenset(
    {
        "AuthorizationHeaderMalformed",
        "AuthorizationQueryParametersError",
        "IllegalLocationConstraintException",
        "InvalidRegionName",
        "PermanentRedirect",
        "Redirect",
        "TemporaryRedirect",
    }
)
_FIELDS = {
    "AccessDenied": "access_key_id",
    "ExpiredToken": "access_key_id",
    "InvalidAccessKeyId": "access_key_id",
    "InvalidTokenId": "access_key_id",
    "NoSuchBucket": "bucket",
    "RequestTimeTooSkewed": None,
    "SignatureDoesNotMatch": "secret_access_key",
}


def probe(store: Minio, bucket: str, key: str) -> Permissions:
    """Return what may be done besides putting.

    Raises:
        Invalid: it cannot be put.
    """
    try:
        store.put_object(bucket, key, io.BytesIO(_CONTENT), len(_CONTENT), content_type="text/plain")
    except AddressRefused as e:
        raise _invalid(
            f"{e} The operator can allow it with RTCSTACK_STORAGE__ALLOW_NETWORKS.", "endpoint"
        ) from e
    except S3Error as e:
        raise _refused(e, bucket) from e
    except SSLError as e:
        raise _invalid(
            f"The endpoint's TLS certificate or handshake was refused: {words_of(e)}", "endpoint"
        ) from e
    except (MinioException, ParseError, ValueError, AnswerTooLarge) as e:
        raise _invalid(f"What answers at the endpoint is no S3 store: {words_of(e)}", "endpoint") from e
    except (HttpTimeout, HTTPError, OSError) as e:
        raise _invalid(f"The endpoint cannot be reached: {_why(e)}", "endpoint") from e
    return Permissions(
        may_read=_may(lambda: _read(store, bucket, key)),
        may_delete=_may(lambda: store.remove_object(bucket, key)),
    )


def _why(error: Exception) -> str:
    """Return it without what the system calls it (`[Errno 111]`), where it is known."""
    if not isinstance(error, NewConnectionError):
        return words_of(error)
    match error.__cause__:  # the system's
        case ConnectionRefusedError():
            return f"nobody listens at {error.conn.host}:{error.conn.port}"
        case OSError(strerror=str(said)):
            return f"{error.conn.host}: {words_of(said)}"
    return words_of(error)


def _read(store: Minio, bucket: str, key: str) -> None:
    answer = store.get_object(bucket, key)
    try:
        if answer.read(len(_CONTENT) + 1) != _CONTENT:
            raise _invalid("The store does not return what was put into it.", "endpoint")
    finally:
        answer.close()
        answer.release_conn()


def _may(work: Callable[[], object]) -> bool:
    """Whatever goes wrong after the put only means that this cannot be relied on."""
    try:
        work()
    except (MinioException, HTTPError, OSError, ParseError, ValueError):
        return False
    return True


def _refused(error: S3Error, bucket: str) -> Invalid:
    code, told = error.code or "", _region(error)
    text = f"The store refused to put an object into {bucket}: {words_of(error.message or code)} ({code})."
    if code in _REGION_CODES:
        text += f" The region is {told}." if told else " Is the region right?"
        return _invalid(text, "region", s3_code=code, region=told)
    return _invalid(text, _FIELDS.get(code, "endpoint"), s3_code=code)


def _region(error: S3Error) -> str | None:
    """Return the region that the store names as the right one."""
    header = error.response.headers.get("x-amz-bucket-region")
    found = _REGION.search(error.response.data or b"")
    return header or (found[1].decode() if found else None)


def _invalid(text: str, field: str | None, **details: str | None) -> Invalid:
    given = {name: value for name, value in {"field": field, **details}.items() if value}
    return Invalid(text, code="storage_check_failed", **given)
