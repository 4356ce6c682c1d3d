"""The tree itself: what can be set, within which bounds, and what it is otherwise."""

from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from rtcstack.domain.provider import Provider, provider_of
from rtcstack.settings.backup import Backup
from rtcstack.settings.egress import Egress
from rtcstack.settings.guarding import Audit, Limits
from rtcstack.settings.join import Join
from rtcstack.settings.logging import Log
from rtcstack.settings.moderation import Moderation
from rtcstack.settings.origins import Origins
from rtcstack.settings.sealing import Sealing
from rtcstack.settings.section import Section

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]
_NO_SECRET = SecretStr("")
_BUCKET = r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"
PREFIX = "RTCSTACK_"


class Api(Section):
    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: str | None = None
    """Where callers reach the API, if not at host and port: behind a proxy."""
    max_body_bytes: int = Field(default=1024 * 1024, ge=1024)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def reachable_url(self) -> str:
        """Where this machine reaches it, also when it listens on every address."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound to
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the API: a developer's own machine."""
        return self.host == "localhost" or ip_address(self.host).is_loopback


class LiveKit(Section):
    host: str = "127.0.0.1"
    port: Port = 7880
    rtc_tcp_port: Port = 7881
    rtc_udp_port: Port = 7882
    public_url: str | None = None
    """The `ws://` or `wss://` address that goes out with join tokens, if not host and port."""
    node_ip: str | None = None
    """The address at which clients find sound and picture, or a name that is looked up for it; the host's unless given."""
    turn_domain: str | None = None
    """The name under which a TLS edge hands TURN on to LiveKit; there is no TURN without it."""
    turn_tls_port: Port = 5349
    turn_udp_port: Port = 3478
    api_key: SecretStr = _NO_SECRET
    api_secret: SecretStr = _NO_SECRET

    @property
    def http_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://{self.host}:{self.port}"


class Redis(Section):
    host: str = "127.0.0.1"
    port: Port = 6380
    password: SecretStr = _NO_SECRET


class Storage(Section):
    host: str = "127.0.0.1"
    port: Port = 9000
    console_port: Port = 9001
    tls: bool = False
    bucket: str = Field(default="rtcstack-recordings", pattern=_BUCKET)
    region: str = "us-east-1"
    public_url: str | None = None
    """Where browsers reach the store, if not at host and port: presigned links are signed for it."""
    require_own: bool = False
    """Whether each tenant records into a bucket of its own only; the shared one then counts for nothing."""
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Private networks that the endpoints of tenants' buckets may lie in."""
    provider: Provider | None = None
    """What the library calls the store; told from the endpoint unless given."""
    archive_bucket: str | None = Field(default=None, pattern=_BUCKET)
    """Where archived recordings go; the bucket's name with `-archive` unless given."""
    archive_class: str | None = Field(default=None, pattern=r"^[A-Z_]{1,32}$")
    """The storage class of archived objects, where the store has classes: `GLACIER`."""
    presign_ttl_s: int = Field(default=3600, ge=1, le=7 * 24 * 3600)
    access_key: SecretStr = _NO_SECRET
    secret_key: SecretStr = _NO_SECRET

    @property
    def cold_bucket(self) -> str:
        return self.archive_bucket or f"{self.bucket[:55]}-archive"

    @property
    def urls(self) -> tuple[str, ...]:
        """Return every address that the appliance's own store is told to have."""
        return (self.url, self.public_url) if self.public_url else (self.url,)

    @property
    def provider_name(self) -> Provider:
        return self.provider or provider_of(self.host)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"


class Database(Section):
    path: Path | None = None
    """The SQLite file; `rtcstack.db` in the data folder unless given."""
    readers: int = Field(default=2, ge=1, le=16)
    synchronous: Literal["FULL", "NORMAL"] = "FULL"


class Supervisor(Section):
    hung_after_s: Seconds = 60
    """How long a part may answer nothing at all before it is stopped and started again."""


class Rooms(Section):
    empty_grace_s: Seconds = 10
    """How long after the last departure the recording of a hall is finished."""
    never_joined_s: Seconds = 600
    """The same when nobody ever came."""
    start_timeout_s: Seconds = 15
    """How long a start waits for LiveKit and the recorder before it gives up."""
    first_frame_timeout_s: Seconds = 5
    """How long a stop waits for the first frame of a recording that has just begun: without one there is no file."""


class Recordings(Section):
    deleted_retention_days: int | None = Field(default=None, ge=0, le=36_500)
    """How long the data of deleted recordings is kept before it is purged; for ever unless given."""


class Clips(Section):
    workers: int = Field(default=1, ge=1, le=16)
    """How many clips this process cuts at a time: each keeps a core busy."""
    max_seconds: Seconds = 4 * 3600
    """The longest clip that may be asked for."""
    max_per_recording: int = Field(default=1000, ge=1)


class Previews(Section):
    enabled: bool = True
    """Whether recordings get a poster and a storyboard."""


class Webhooks(Section):
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Private networks that webhook endpoints may lie in."""
    timeout_s: Seconds = 15
    max_endpoints: int = Field(default=50, ge=1)
    retention_days: int = Field(default=30, ge=7, le=3650)
    """How long events and their deliveries are kept: to be pulled, looked at and replayed."""
    inbox_retention_days: int = Field(default=7, ge=1, le=3650)
    """How long LiveKit's own events are kept once they are applied; what is kept is known when it is repeated."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    data: Path = Path("data")
    """The data folder: database, objects, spool, secrets, logs."""
    cache: Path | None = None
    """Where built parts are kept, outside the checkout; `~/.cache/rtcstack` unless given."""
    plans: Path | None = None
    """What each plan allows; `config/plans.toml` unless given."""
    api: Api = Api()
    livekit: LiveKit = LiveKit()
    redis: Redis = Redis()
    storage: Storage = Storage()
    database: Database = Database()
    egress: Egress = Egress()
    supervisor: Supervisor = Supervisor()
    rooms: Rooms = Rooms()
    join: Join = Join()
    recordings: Recordings = Recordings()
    clips: Clips = Clips()
    previews: Previews = Previews()
    moderation: Moderation = Moderation()
    webhooks: Webhooks = Webhooks()
    sealing: Sealing = Sealing()
    backup: Backup = Backup()
    limits: Limits = Limits()
    audit: Audit = Audit()
    log: Log = Log()
    _origins: Origins = PrivateAttr(default=Origins())

    @property
    def origins(self) -> Origins:
        return self._origins

    def note_origins(self, origins: Origins) -> None:
        """Remember where the values come from; a changed copy remembers it too."""
        self._origins = origins

    @property
    def database_path(self) -> Path:
        return self.database.path or self.data / "rtcstack.db"

    @property
    def spool_path(self) -> Path:
        return self.egress.spool or self.data / "spool"

    @property
    def secrets_path(self) -> Path:
        return self.data / "secrets"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` passes in: it carries its own sources, in order."""
        del env_settings, dotenv_settings, file_secret_settings, settings_cls
        return (init_settings,)
