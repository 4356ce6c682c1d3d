"""Reads LiveKit's StartEgress requests: what this worker does, what it leaves to others, what is wrong.

Room composites arrive in two forms (`rpc/egress.proto`): field 5 `room_composite`, whose file is in `file_outputs` or
the older `file`, and field 16 `egress` with a template as its source. Both become one `Order`.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from livekit.protocol import egress as pb

from rtcstack.egress.dispatcher import encoding, filepath
from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.spool import Order
from rtcstack.errors import Invalid
from rtcstack.settings import Storage

_EGRESS_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")  # it names a folder
_FILE_TYPES: Final = (pb.EncodedFileType.DEFAULT_FILETYPE, pb.EncodedFileType.MP4)


@dataclass(frozen=True, slots=True)
class Parsed:
    order: Order
    own_store: pb.S3Upload | None = field(default=None, repr=False)
    """The store that the request brought, with its keys."""


@dataclass(frozen=True, slots=True)
class _Template:
    """The two forms of a room composite, made one."""

    room_name: str
    layout: str
    audio_only: bool
    video_only: bool
    custom_base_url: str
    options: Any
    """The message whose `preset` or `advanced` is set."""
    file: pb.EncodedFileOutput | pb.FileOutput
    upload: Any
    """The message whose store field is set, if any is."""
    other_outputs: bool


def parse(request: Any, *, storage: Storage, now_ns: int) -> Parsed:
    """Return what the `rpc.StartEgressRequest` asks for.

    Raises:
        NotOurs: a stock Egress could do it, this worker does not.
        Invalid: nobody can do it as it stands.
    """
    template = _read_template(request)
    if not _EGRESS_ID.fullmatch(request.egress_id):
        raise Invalid("egress_id: letters, digits, _ and - are allowed, 64 at most")
    _check(template)
    store = _own_store(template.upload, storage)
    order = Order(
        egress_id=request.egress_id,
        room_id=request.room_id,
        room_name=template.room_name,
        object_key=filepath.object_key(
            template.file.filepath, room_name=template.room_name, room_id=request.room_id, now_ns=now_ns
        ),
        created_ns=now_ns,
        encoding=encoding.read(template.options),
        layout=template.layout or "grid",
        has_audio=not template.video_only,
        has_video=not template.audio_only,
        metadata=_object_metadata(template.upload),
        has_own_store=store is not None,
    )
    return Parsed(order, store)


def _read_template(request: Any) -> _Template:
    form = request.WhichOneof("request")
    if form == "room_composite":
        return _from_room_composite(request.room_composite)
    if form == "egress" and request.egress.WhichOneof("source") == "template":
        return _from_start_egress(request.egress)
    raise NotOurs(f"{form or 'empty'} requests")


def _from_room_composite(composite: pb.RoomCompositeEgressRequest) -> _Template:
    files = [*composite.file_outputs, *([composite.file] if composite.HasField("file") else [])]
    others = any(
        (
            len(files) != 1,
            composite.HasField("stream"),
            composite.HasField("segments"),
            composite.stream_outputs,
            composite.segment_outputs,
            composite.image_outputs,
        )
    )
    file = files[0] if files else pb.EncodedFileOutput()
    return _Template(
        room_name=composite.room_name,
        layout=composite.layout,
        audio_only=composite.audio_only,
        video_only=composite.video_only,
        custom_base_url=composite.custom_base_url,
        options=composite,
        file=file,
        upload=file,
        other_outputs=others or composite.audio_mixing != pb.AudioMixing.DEFAULT_MIXING,
    )


def _from_start_egress(start: pb.StartEgressRequest) -> _Template:
    files = [output for output in start.outputs if output.WhichOneof("config") == "file"]
    output = files[0] if files else pb.Output()
    return _Template(
        room_name=start.room_name,
        layout=start.template.layout,
        audio_only=start.template.audio_only,
        video_only=start.template.video_only,
        custom_base_url=start.template.custom_base_url,
        options=start,
        file=output.file,
        upload=output.storage if output.HasField("storage") else start.storage,
        other_outputs=len(start.outputs) != 1 or len(files) != 1,
    )


def _check(template: _Template) -> None:
    if template.custom_base_url:
        raise NotOurs("templates of one's own (custom_base_url)")
    if template.other_outputs:
        raise NotOurs("anything but one file as output")
    if template.file.file_type not in _FILE_TYPES:
        raise NotOurs("file types other than MP4")
    if not template.room_name:
        raise Invalid("room_name is missing")
    if template.audio_only and template.video_only:
        raise Invalid("audio_only and video_only exclude each other")
    if template.video_only:
        raise NotOurs("video_only")


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
