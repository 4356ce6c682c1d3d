"""Where `s3://…` leads in `rtcstack backup` and `rtcstack restore`."""

from pydantic import Field, SecretStr

from rtcstack.settings.section import Section

_NO_SECRET = SecretStr("")


class Backup(Section):
    url: str | None = Field(default=None, pattern=r"^https?://[^\s/]+/?$")
    """The store that backups go to; the appliance's own unless given, and that one may be lost with the machine."""
    region: str = "us-east-1"
    access_key: SecretStr = _NO_SECRET
    secret_key: SecretStr = _NO_SECRET
