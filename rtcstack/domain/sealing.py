"""How a sealed text reads, and what it is bound to. No cryptography stands here.

A text is `{version}.{key id}.{nonce}.{ciphertext}`, the last two in URL-safe base64 without padding. `v2` names a data
key of the tenant; `v1`, from before there were data keys, the appliance's key itself.
"""

import base64
from dataclasses import dataclass, field

from rtcstack.errors import Internal

V1, V2 = "v1", "v2"
DATA_KEY_BYTES = 32
_NONCE_BYTES, _TAG_BYTES = 12, 16
_WAY_OUT = "Set anew what it held, or restore its row from a backup."


@dataclass(frozen=True)
class SealedText:
    version: str
    key_id: str
    nonce: bytes
    ciphertext: bytes

    @classmethod
    def parse(cls, text: str) -> "SealedText":
        """Raises `ValueError` for what is no sealed text: its form is wrong, or there is not even room for nonce and tag."""
        version, key_id, *sealed = text.split(".")
        nonce, ciphertext = map(_unb64, sealed)
        if len(nonce) != _NONCE_BYTES or len(ciphertext) < _TAG_BYTES:
            raise ValueError("it is too short")
        return cls(version, key_id, nonce, ciphertext)

    def __str__(self) -> str:
        return ".".join((self.version, self.key_id, _b64(self.nonce), _b64(self.ciphertext)))


@dataclass(frozen=True)
class DataKey:
    """A tenant's data key, unwrapped: it is in memory only."""

    id: str
    tenant_id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class WrappedKey:
    """A data key as it is stored; `kek_id` names the key that opens it."""

    text: str
    kek_id: str


def place(table: str, column: str, *row: str) -> str:
    """Return the context of the secret in that column of the row with that primary key."""
    return "|".join((table, column, *row))


def data_key_place(tenant_id: str, data_key_id: str) -> str:
    """Return what a wrapped data key is bound to."""
    return place("data_keys", "wrapped", tenant_id, data_key_id)


def no_key() -> Internal:
    """Return what to say when there is nothing to wrap data keys with."""
    return Internal(
        "There is no appliance key to seal secrets with: set RTCSTACK_SEALING__KEY (or …_FILE) to a long random text, or"
        " let `rtcstack up` make one.",
        code="no_sealing_key",
    )


def key_missing(kek_id: str) -> Internal:
    """Return what to say when a key is needed that is not configured: `appliance:{id}`, `vault:{mount}/{name}:v{n}`."""
    kind, _, name = kek_id.partition(":")
    words = (
        f"Secrets in the database are sealed under the Vault key {name}, but no Vault is configured: set"
        " RTCSTACK_SEALING__VAULT_URL and RTCSTACK_SEALING__VAULT_TOKEN."
        if kind == "vault"
        else f"Secrets in the database are sealed under the appliance key {name}, which is not configured: put that key"
        " back as RTCSTACK_SEALING__KEY (or into secrets/sealing_key of the data folder), or name it in"
        " RTCSTACK_SEALING__OLD_KEYS."
    )
    return Internal(words, code="sealing_key_missing", kek_id=kek_id)


def damaged(what: str, context: str) -> Internal:
    """Return what to say of a text that cannot have been sealed as it stands, whichever key one has."""
    words = f"{what} is damaged: it was cut off or overwritten, and no key opens it. {_WAY_OUT}"
    return Internal(words, code="seal_broken", cause="damaged", context=context)


def altered_or_moved(what: str, context: str) -> Internal:
    """Return what to say of a text that the right key does not open at its place: GCM does not tell which of the two it is."""
    words = (
        f"{what} does not open at its place, although its key is here and is the right one: the text was altered, or it is"
        f" that of another row. {_WAY_OUT}"
    )
    return Internal(words, code="seal_broken", cause="altered_or_moved", context=context)


def of_another_tenant(what: str, context: str) -> Internal:
    """Return what to say of a text whose key is another tenant's."""
    words = f"{what} was sealed for another tenant: it was moved to this row. {_WAY_OUT}"
    return Internal(words, code="seal_broken", cause="another_tenant", context=context)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
