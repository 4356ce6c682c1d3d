"""From LiveKit's StartEgress request to an `Order`: what this worker does, what it leaves to others, what is wrong."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from livekit.protocol import egress as pb

from rtcstack.egress import look
from rtcstack.egress.dispatcher import encoding, filepath, forms
from rtcstack.egress.dispatcher.forms import Asked
from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.spool import Order
from rtcstack.errors import Invalid
from rtcstack.settings import Storage

_EGRESS_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")  # it names a folder
_FILE_TYPES: Final = (pb.EncodedFileType.DEFAULT_FILETYPE, pb.EncodedFileType.MP4)
_OTHER_FILES: Final = (".ogg", ".webm", ".ivf", ".mp3")
"""What a stock Egress makes of a single track by its name."""


@dataclass(frozen=True, slots=True)
class Parsed:
    order: Order
    own_store: pb.S3Upload | None = field(default=None, repr=False)
    """The store that the request brought, with its keys."""


def parse(request: Any, *, storage: Storage, now_ns: int) -> Parsed:
    """Return what the `rpc.StartEgressRequest` asks for.

    Raises:
        NotOurs: a stock Egress could do it, this worker does not.
        Invalid: nobody can do it as it stands.
    """
    asked = forms.read(request)
    if not _EGRESS_ID.fullmatch(request.egress_id):
        raise Invalid("egress_id: letters, digits, _ and - are allowed, 64 at most")
    _check(asked)
    store = _own_store(asked.upload, storage)
    return Parsed(_order(request, asked, now_ns, has_own_store=store is not None), store)


def _order(request: Any, asked: Asked, now_ns: int, *, has_own_store: bool) -> Order:
    return Order(
        egress_id=request.egress_id,
        room_id=request.room_id,
        room_name=asked.room_name,
        object_key=filepath.object_key(
            asked.file.filepath,
            room_name=asked.room_name,
            room_id=request.room_id,
            now_ns=now_ns,
            default_name=asked.default_name,
            names=asked.names,
        ),
        created_ns=now_ns,
        encoding=encoding.read(asked.options),
        layout=look.check_layout(asked.layout),
        has_audio=asked.has_audio,
        has_video=asked.has_video,
        source=asked.source,
        metadata=_object_metadata(asked.upload),
        has_own_store=has_own_store,
    )


def _check(asked: Asked) -> None:
    if asked.has_other_outputs:
        raise NotOurs("anything but one file as output")
    if "file_type" in asked.file.DESCRIPTOR.fields_by_name and asked.file.file_type not in _FILE_TYPES:
        raise NotOurs("file types other than MP4")
    if asked.file.filepath.endswith(_OTHER_FILES):
        raise NotOurs("files other than MP4")
    if not asked.room_name:
        raise Invalid("room_name is missing")


def _own_store(upload: Any, storage: Storage) -> pb.S3Upload | None:
    """Return the store that the request brought with its keys, None when it is another."""
    kind = next((f.name for f, _ in upload.ListFields() if f.name in {"s3", "gcp", "azure", "aliOSS"}), None)
    if kind is None:
        return None
    if kind != "s3":
        raise NotOurs(f"uploads to {kind}")
    s3: pb.S3Upload = upload.s3
    if s3.assume_role_arn or s3.HasField("proxy"):
        raise NotOurs("assumed roles and proxies")
    if s3.tagging or s3.content_disposition:
        raise NotOurs("object tags and content dispositions")
    if s3.access_key:
        return s3
    if s3.metadata.get("rtcstack-storage") and s3.metadata.get("rtcstack-recording"):
        return None  # a tenant's: the API has its keys
    if s3.bucket not in {"", storage.bucket} or s3.endpoint:
        raise Invalid("s3: a store other than the configured one needs access_key and secret")
    return None


def _object_metadata(upload: Any) -> dict[str, str]:
    if "s3" not in upload.DESCRIPTOR.fields_by_name or not upload.HasField("s3"):
        return {}
    metadata = dict(upload.s3.metadata)
    if not all((name + value).isascii() and (name + value).isprintable() for name, value in metadata.items()):
        raise Invalid("s3.metadata: names and values have to be printable ASCII")
    return metadata
