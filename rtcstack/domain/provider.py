"""What the recordings library calls an object store (seed document 003, `provider`)."""

from ipaddress import ip_address
from typing import Literal

Provider = Literal["minio", "r2", "s3", "b2", "spaces", "wasabi", "other"]

_DOMAINS: tuple[tuple[str, Provider], ...] = (
    ("r2.cloudflarestorage.com", "r2"),
    ("amazonaws.com", "s3"),
    ("amazonaws.com.cn", "s3"),
    ("backblazeb2.com", "b2"),
    ("digitaloceanspaces.com", "spaces"),
    ("wasabisys.com", "wasabi"),
)


def provider_of(host: str) -> Provider:
    """Return the provider behind an S3 endpoint's host; on this machine it is the appliance's own MinIO."""
    name = host.lower().rstrip(".")
    for domain, provider in _DOMAINS:
        if name == domain or name.endswith("." + domain):
            return provider
    return "minio" if _is_local(name) or "minio" in name.split(".") else "other"


def _is_local(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
