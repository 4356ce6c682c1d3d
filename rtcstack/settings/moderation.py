"""Who looks at the pictures of moderated halls, how often, and from when on that counts."""

from collections.abc import Mapping
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from rtcstack.settings.section import Section

_NO_SECRET = SecretStr("")


class Moderation(Section):
    """What a provider needs stands before it: its check sees the fields above."""

    threshold: float = Field(default=0.7, ge=0, le=1)
    """From which likelihood on a finding counts."""
    interval_s: float = Field(default=10, ge=1, le=3600)
    """How often a hall with somebody in it is looked at, and how far apart pictures of recordings lie."""
    endpoint: str | None = Field(default=None, pattern=r"^https?://[^\s/]+$")
    """Where the service is, for `google`; Google's own unless given. `http://` on loopback only, without credentials."""
    credentials: SecretStr = _NO_SECRET
    """A service account's key for `google`: the JSON text that Google gives out."""
    model: Path | None = None
    """The ONNX classifier for `local`."""
    model_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    labels: tuple[str, ...] = Field(default=("normal", "nsfw"), min_length=1)
    """What the model's numbers mean, in order."""
    safe_labels: tuple[str, ...] = ("normal", "neutral", "drawings", "safe", "sfw")
    """Labels that are no findings."""
    input_size: int = Field(default=224, ge=16, le=2048)
    """Width and height of what the model takes, where it does not say."""
    layout: Literal["auto", "nchw", "nhwc"] = "auto"
    """Whether colours come before rows (`nchw`) or last; told from the model."""
    mean: float = 0.5
    std: float = Field(default=0.5, gt=0)
    """Colour values from 0 to 1 become (value - mean) / std."""
    output: str | None = None
    """Which of the model's outputs; its first one unless given."""
    activation: Literal["softmax", "sigmoid", "none"] = "softmax"
    """What makes likelihoods of the model's numbers; `none` if they are some."""
    provider: Literal["off", "google", "local"] = "off"
    """Who looks at pictures. With `google` they leave this machine."""

    @property
    def is_on(self) -> bool:
        return self.provider != "off"

    @field_validator("provider")
    @classmethod
    def _is_usable(cls, provider: str, info: ValidationInfo) -> str:
        given = info.data
        if provider == "local":
            _check_local(given)
        elif provider == "google":
            _check_google(given.get("endpoint") or "", given.get("credentials", _NO_SECRET))
        return provider


def _check_local(given: Mapping[str, Any]) -> None:
    names = [name for name in ("model", "model_sha256") if name in given and given[name] is None]
    if names:
        raise ValueError(" and ".join(f"RTCSTACK_MODERATION__{name.upper()}" for name in names) + " missing")
    if not _is_installed("onnxruntime"):
        raise ValueError("onnxruntime is not installed: pip install 'rtcstack[moderation]'")


def _check_google(endpoint: str, credentials: SecretStr) -> None:
    is_plain = endpoint.startswith("http://")
    if is_plain and not _is_loopback(endpoint):
        raise ValueError("RTCSTACK_MODERATION__ENDPOINT: pictures go over https:// unless it is on loopback")
    if not is_plain and not credentials.get_secret_value():
        raise ValueError("RTCSTACK_MODERATION__CREDENTIALS (or …_FILE) is missing")
    if not _is_installed("google.cloud.videointelligence_v1"):
        raise ValueError("Google's client library is not installed: pip install 'rtcstack[google]'")


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even its parent is
        return False


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
