"""Blanks what must never be stored or shown: LiveKit puts an EgressInfo as given into lists and webhooks."""

from typing import Final

from google.protobuf.message import Message

_SECRET_FIELDS: Final = {
    "livekit.S3Upload": ("access_key", "secret", "session_token", "assume_role_external_id"),
    "livekit.GCPUpload": ("credentials",),
    "livekit.AzureBlobUpload": ("account_name", "account_key"),
    "livekit.AliOSSUpload": ("access_key", "secret"),
    "livekit.ProxyConfig": ("url", "username", "password"),
    "livekit.StreamOutput": ("urls", "destinations"),
}
BLANK: Final = "{redacted}"


def redact(message: Message) -> None:
    """Blank every secret in `message` and what it contains, in place; empty fields stay empty.

    `webhooks` stay: LiveKit needs the name of the key that signs them, which is no secret.
    """
    secrets = _SECRET_FIELDS.get(message.DESCRIPTOR.full_name, ())
    for field, value in message.ListFields():
        if field.name in secrets:
            _blank(message, field.name, is_repeated=field.is_repeated)
        elif field.message_type and not field.message_type.GetOptions().map_entry:
            for inner in value if field.is_repeated else (value,):
                redact(inner)


def _blank(message: Message, name: str, *, is_repeated: bool) -> None:
    if is_repeated:
        message.ClearField(name)
    else:
        setattr(message, name, BLANK)
