"""The protobuf messages that livekit-protocol for Python lacks: psrpc's envelopes and LiveKit's `rpc` requests.

They are built here from field tables with protobuf's own runtime. Field numbers and names are those of
`internal.proto` (psrpc 0.7.2), `rpc/egress.proto` and `rpc/io.proto` (protocol 1.50); fields that only LiveKit's
cloud uses are left out, since unknown fields are skipped on reading.
"""

from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message
from livekit.protocol import egress

from rtcstack.errors import Invalid

TYPE_PREFIX: Final = "type.googleapis.com/"
_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS: Final = {
    "string": _Field.TYPE_STRING,
    "bytes": _Field.TYPE_BYTES,
    "bool": _Field.TYPE_BOOL,
    "int64": _Field.TYPE_INT64,
    "float": _Field.TYPE_FLOAT,
}

_ENVELOPES: Final = {
    "Msg": {1: "string type_url", 2: "bytes value", 3: "string channel"},
    "Request": {
        1: "string request_id",
        2: "string client_id",
        3: "int64 sent_at",
        4: "int64 expiry",
        5: "bool multi",
        8: "bytes raw_request",
    },
    "Response": {
        1: "string request_id",
        2: "string server_id",
        3: "int64 sent_at",
        5: "string error",
        6: "string code",
        7: "bytes raw_response",
    },
    "ClaimRequest": {1: "string request_id", 2: "string server_id", 3: "float affinity"},
    "ClaimResponse": {1: "string request_id", 2: "string server_id"},
}
_RPC: Final = {
    "StartEgressRequest": {
        1: "string egress_id",
        3: "string room_id",
        18: "string room_name",
        8: "string token",
        9: "string ws_url",
        5: "livekit.RoomCompositeEgressRequest room_composite oneof",
        6: "livekit.TrackCompositeEgressRequest track_composite oneof",
        7: "livekit.TrackEgressRequest track oneof",
        11: "livekit.WebEgressRequest web oneof",
        13: "livekit.ParticipantEgressRequest participant oneof",
        16: "livekit.StartEgressRequest egress oneof",
        17: "livekit.ExportReplayRequest replay oneof",
    },
    "ListActiveEgressRequest": {},
    "ListActiveEgressResponse": {1: "string egress_ids repeated"},
    "GetEgressRequest": {1: "string egress_id"},
}


def _add_field(message: descriptor_pb2.DescriptorProto, number: int, line: str) -> None:
    kind, name, *flags = line.split()
    field = message.field.add(name=name, number=number, label=_Field.LABEL_OPTIONAL)
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type = _Field.TYPE_MESSAGE
        field.type_name = f".{kind}"
    if "repeated" in flags:
        field.label = _Field.LABEL_REPEATED
    if "oneof" in flags:
        field.oneof_index = 0


def _file(
    package: str, tables: dict[str, dict[int, str]], *imports: str
) -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name=f"rtcstack/psrpc/{package}.proto", package=package, syntax="proto3", dependency=imports
    )
    for name, fields in tables.items():
        message = file.message_type.add(name=name)
        if any(line.endswith(" oneof") for line in fields.values()):
            message.oneof_decl.add(name="request")
        for number, line in fields.items():
            _add_field(message, number, line)
    return file


def _build(package: str, tables: dict[str, dict[int, str]], *imports: str) -> dict[str, Any]:
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(_file(package, tables, *imports).SerializeToString())
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))
        for name in tables
    }


_OWN: Final = {
    "SetPausedRequest": {1: "string egress_id", 2: "bool is_paused"},
    "SetPausedResponse": {1: "bool is_taken"},
    "FiguresRequest": {},
    "FiguresResponse": {1: "string worker", 2: "bytes figures"},
    "CapacityRequest": {},
    "CapacityResponse": {
        1: "int64 running",
        2: "int64 more",
        3: "bool can_record",
        4: "string reason",
        5: "float cores",
        6: "float cores_needed",
        7: "int64 memory_bytes",
        8: "int64 disk_bytes",
        9: "float cores_other",
    },
}
"""Of our own services: LiveKit has no such methods."""

_envelopes = _build("internal", _ENVELOPES)
_rpc = _build("rpc", _RPC, egress.DESCRIPTOR.name)
_own = _build("rtcstack", _OWN)

Msg: Any = _envelopes["Msg"]
Request: Any = _envelopes["Request"]
Response: Any = _envelopes["Response"]
ClaimRequest: Any = _envelopes["ClaimRequest"]
ClaimResponse: Any = _envelopes["ClaimResponse"]
StartEgressRequest: Any = _rpc["StartEgressRequest"]
ListActiveEgressRequest: Any = _rpc["ListActiveEgressRequest"]
ListActiveEgressResponse: Any = _rpc["ListActiveEgressResponse"]
GetEgressRequest: Any = _rpc["GetEgressRequest"]
CapacityRequest: Any = _own["CapacityRequest"]
CapacityResponse: Any = _own["CapacityResponse"]
FiguresRequest: Any = _own["FiguresRequest"]
FiguresResponse: Any = _own["FiguresResponse"]
SetPausedRequest: Any = _own["SetPausedRequest"]
SetPausedResponse: Any = _own["SetPausedResponse"]


def wrap(envelope: Message) -> bytes:
    """Return the bytes to publish: the envelope inside a `Msg` that names its type."""
    msg = Msg(type_url=TYPE_PREFIX + envelope.DESCRIPTOR.full_name, value=envelope.SerializeToString())
    wrapped: bytes = msg.SerializeToString()
    return wrapped


def unwrap(payload: bytes) -> Any:
    """Return the envelope that `payload` carries.

    Raises:
        Invalid: when the bytes are no `Msg`, or one of a type that psrpc does not have.
    """
    try:
        msg = Msg.FromString(payload)
        name = msg.type_url.removeprefix(TYPE_PREFIX).removeprefix("internal.")
        return _envelopes[name].FromString(msg.value)
    except (DecodeError, KeyError) as e:
        raise Invalid(f"a psrpc message cannot be read: {e}") from e
