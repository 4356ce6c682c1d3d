"""From LiveKit's StartEgress request to an `Order`: what this worker does, what it leaves to others, what is wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from livekit.protocol import egress as pb
from minio.helpers import normalize_headers

from rtcstack.egress import look
from rtcstack.egress.dispatcher import encoding, filepath, forms, output_forms
from rtcstack.egress.dispatcher.file_form import Media
from rtcstack.egress.dispatcher.forms import Asked
from rtcstack.egress.dispatcher.not_ours import NotOurs
from rtcstack.egress.job import Encoding
from rtcstack.egress.spool import Order
from rtcstack.errors import Invalid
from rtcstack.settings import Storage

_EGRESS_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")  # it names a folder
_METADATA_NAME: Final = re.compile(r"[0-9A-Za-z!#$%&'*+.^_`|~-]+")  # RFC 9110's token
_STORES: Final = ("s3", "gcp", "azure", "aliOSS")
_UNKNOWN: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Parsed:
    order: Order
    own_store: pb.S3Upload | None = field(default=None, repr=False)
    """The store that the request brought, with its keys."""


def parse(
    request: Any,
    *,
    storage: Storage,
    now_ns: int,
    track: Mapping[str, str] = _UNKNOWN,
    crf: int = Encoding().crf,
) -> Parsed:
    """Return what the `rpc.StartEgressRequest` asks for.

    `track` is what the room knows of the track that it is about, `crf` what no request can say: how good pictures are to be.

    Raises:
        NotOurs: a stock Egress could do it, this worker does not.
        Invalid: nobody can do it as it stands.
    """
    asked = forms.read(request)
    asked.outputs.check()
    if not _EGRESS_ID.fullmatch(request.egress_id):
        raise Invalid("egress_id: letters, digits, _ and - are allowed, 64 at most")
    if not asked.room_name:
        raise Invalid("room_name is missing")
    upload = _one_store(asked.outputs.uploads)
    store = _own_store(upload, storage)
    encoded = msgspec.structs.replace(encoding.read(asked.options), crf=crf)
    return Parsed(
        _order(request, asked, now_ns, track, upload, encoded, has_own_store=store is not None), store
    )


def tracks_named(request: Any) -> tuple[str, frozenset[str]]:
    """Return the room and the ids of the tracks that a request is about, after which its files may be named.

    Raises:
        NotOurs, Invalid: as `parse` does.
    """
    asked = forms.read(request)
    return asked.room_name, asked.source.track_ids


def _order(
    request: Any,
    asked: Asked,
    now_ns: int,
    track: Mapping[str, str],
    upload: Any,
    encoded: Encoding,
    *,
    has_own_store: bool,
) -> Order:
    names = filepath.names_of(
        room_name=asked.room_name,
        room_id=request.room_id,
        now_ns=now_ns,
        default_name=asked.default_name,
        of_source={**track, **asked.names},
        is_of_track=bool(asked.source.track_ids),
    )
    media = _media(asked, track)
    made = output_forms.read_outputs(asked.outputs, names, media)
    return Order(
        egress_id=request.egress_id,
        room_id=request.room_id,
        room_name=asked.room_name,
        object_key=made.object_key,
        created_ns=now_ns,
        encoding=msgspec.structs.replace(encoded, audio_codec=made.audio_codec),
        layout=look.check_layout(asked.layout),
        has_audio=media.has_audio and made.outputs.has_sound,
        has_video=media.has_video,
        source=asked.source,
        outputs=made.outputs,
        track=dict(track),
        metadata=_object_metadata(upload),
        has_own_store=has_own_store,
    )


def _media(asked: Asked, track: Mapping[str, str]) -> Media:
    """A single track is one thing or the other; until the room says which, a file of it is one of pictures, but an OGG."""
    codec = encoding.audio_codec(asked.options)
    if not asked.source.track_id:
        return Media(has_audio=asked.has_audio, has_video=asked.has_video, audio_codec=codec)
    kind = track.get("track_type")
    is_sound = kind == "audio" or (kind is None and asked.outputs.files[0].filepath.endswith(".ogg"))
    return Media(has_audio=kind != "video", has_video=not is_sound, audio_codec=codec)


def _one_store(uploads: Sequence[Any]) -> Any:
    """Return the message that says where everything goes."""
    first, *others = uploads
    if any(_store_field(other) != _store_field(first) for other in others):
        raise NotOurs("outputs that go to different stores")
    return first


def _store_field(upload: Any) -> tuple[str, bytes] | None:
    kind = next((field.name for field, _ in upload.ListFields() if field.name in _STORES), None)
    return kind and (kind, getattr(upload, kind).SerializeToString(deterministic=True))


def _own_store(upload: Any, storage: Storage) -> pb.S3Upload | None:
    """Return the store that the request brought with its keys, None when it is another."""
    found = _store_field(upload)
    if found is None:
        return None
    if found[0] != "s3":
        raise NotOurs(f"uploads to {found[0]}")
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
    for name in metadata:
        (header,) = normalize_headers({name: ""})
        if not _METADATA_NAME.fullmatch(name) or header.lower() != f"x-amz-meta-{name.lower()}":
            raise Invalid(f"s3.metadata: {name!r} cannot be the name of an object's metadata")
    if not all((name + value).isascii() and (name + value).isprintable() for name, value in metadata.items()):
        raise Invalid("s3.metadata: names and values have to be printable ASCII")
    return metadata
