"""What secrets in the database are sealed with."""

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from rtcstack.settings.section import Section

_NO_SECRET = SecretStr("")


class Sealing(Section):
    key: SecretStr = _NO_SECRET
    """The appliance's key: what other secrets are sealed with in the database. Whoever loses it loses them."""
    old_keys: tuple[SecretStr, ...] = ()
    """Appliance keys of before, which still open what is not sealed anew yet."""
    vault_token: SecretStr = _NO_SECRET
    vault_url: str | None = Field(default=None, pattern=r"^https?://[^\s/]+/?$")
    """A HashiCorp Vault, whose transit engine then wraps data keys in the appliance key's place."""
    vault_mount: str = Field(default="transit", pattern=r"^[\w.-]+(/[\w.-]+)*$")
    vault_key_name: str = Field(default="rtcstack", pattern=r"^[\w.-]+$")
    vault_namespace: str | None = None
    vault_ca_path: Path | None = None
    """The certificates that Vault's is checked against; the system's unless given."""
    wrap_with: Literal["appliance", "vault"] | None = None
    """What wraps data keys; Vault if one is given. The other one still unwraps, so that both ways lead back."""

    @field_validator("vault_url")
    @classmethod
    def _is_usable(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url and not info.data.get("vault_token", _NO_SECRET).get_secret_value():
            raise ValueError("RTCSTACK_SEALING__VAULT_TOKEN (or …_FILE) is missing")
        if url and find_spec("hvac") is None:
            raise ValueError("Vault's client library is not installed: pip install 'rtcstack[vault]'")
        return url

    @field_validator("wrap_with")
    @classmethod
    def _has_vault(cls, choice: str | None, info: ValidationInfo) -> str | None:
        if choice == "vault" and not info.data.get("vault_url"):
            raise ValueError("RTCSTACK_SEALING__VAULT_URL is missing")
        return choice

    @property
    def is_vault_first(self) -> bool:
        return self.wrap_with == "vault" or (self.wrap_with is None and self.vault_url is not None)
