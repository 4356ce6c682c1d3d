"""A tenant's own bucket (seed document 000): what may be set, and what follows from an endpoint."""

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import inet_aton
from urllib.parse import urlsplit

from rtcstack.domain.object_key import MAX_NAME_BYTES
from rtcstack.domain.provider import Provider, provider_of
from rtcstack.errors import Invalid

_REGION = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
_PREFIX = re.compile(r"(?:[A-Za-z0-9._~=+@-]+/)*\Z")
_KEY_ID = re.compile(
    r"[!-+\--.0-~]{1,256}\Z"
)  # printable, without / and , which the signature's header is made with
_SECRET = re.compile(r"[!-~]{1,1024}\Z")
_LONGEST_PREFIX = 512
_DEFAULT_REGION = "us-east-1"
_DEFAULT_PORTS = frozenset({80, 443})
_WORLDWIDE: frozenset[Provider] = frozenset({"b2", "wasabi"})
_SELF_HOSTED: frozenset[Provider] = frozenset({"minio", "other"})
_REGIONS: tuple[tuple[Provider, re.Pattern[str]], ...] = (
    ("s3", re.compile(r"s3[.-](?:dualstack\.|fips\.)?([a-z]{2}(?:-[a-z]+)+-\d+)\.amazonaws\.com(?:\.cn)?\Z")),
    ("b2", re.compile(r"s3\.([a-z0-9-]+)\.backblazeb2\.com\Z")),
    ("spaces", re.compile(r"([a-z0-9]+)\.digitaloceanspaces\.com\Z")),
    ("wasabi", re.compile(r"s3\.([a-z0-9-]+)\.wasabisys\.com\Z")),
)
"""Where the providers write the region into the host."""


@dataclass(frozen=True)
class OwnBucket:
    """A row: since `replaced_at_ms` new recordings go elsewhere, older ones are still reached through it."""

    id: str
    tenant_id: str
    endpoint: str
    region: str
    bucket: str
    prefix: str
    path_style: bool
    access_key_id: str
    secret: str = field(repr=False)
    """Sealed."""
    may_read: bool
    may_delete: bool
    checked_at_ms: int | None
    created_at_ms: int
    updated_at_ms: int
    revision: int = 1
    """Changes with everything that a client is made of."""
    replaced_at_ms: int | None = None

    @property
    def provider(self) -> Provider:
        return provider_of(host_of(self.endpoint))

    def folder(self, room_id: str) -> str:
        """Return the prefix of all of a room's objects, with its slash: nobody shares the bucket."""
        return f"{self.prefix}{room_id}/"


@dataclass(frozen=True)
class Place:
    """A bucket as a caller describes it, checked and completed; the endpoint is `scheme://host[:port]`."""

    endpoint: str
    region: str
    bucket: str
    prefix: str
    path_style: bool


def is_bucket(name: str) -> bool:
    """Whether a bucket may be called that."""
    return _BUCKET.match(name) is not None


def host_of(endpoint: str) -> str:
    return urlsplit(endpoint).hostname or ""


def spot_of(endpoint: str, bucket: str) -> tuple[str, str]:
    """Return what two spellings of one bucket have in common.

    Not told apart are upper and lower case, a default port and none, the spellings of an IP address, the names of this
    machine, and the hosts of a provider whose bucket names are unique among all regions.
    """
    parts = urlsplit(endpoint)
    host = (parts.hostname or "").rstrip(".")
    provider = provider_of(host)
    if provider == "s3":
        return "amazonaws.com.cn" if host.endswith(".cn") else "amazonaws.com", bucket
    if provider in _WORLDWIDE:
        return provider, bucket
    port, known = _port_of(endpoint), _plain_host(host)
    return (f"{known}:{port}" if port else known), bucket


def may_be_one_store(endpoint: str, other: str) -> bool:
    """Whether two endpoints whose hosts lead to one address are one store. Not at providers: their customers have hosts of
    their own on the same machines.
    """
    return _port_of(endpoint) == _port_of(other) and all(
        provider_of(host_of(each)) in _SELF_HOSTED for each in (endpoint, other)
    )


def _port_of(endpoint: str) -> int | None:
    """Return the port, None for that of HTTP or HTTPS."""
    port = urlsplit(endpoint).port
    return None if port in _DEFAULT_PORTS else port


def _plain_host(host: str) -> str:
    """Return one spelling of an address: `127.1`, `0x7f000001` and `[::ffff:127.0.0.1]` are what the system takes, too."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(host)
    except ValueError:
        try:
            ip = IPv4Address(inet_aton(host))
        except OSError:
            return host
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return "localhost" if ip.is_loopback else str(ip)


def place_of(
    bucket: str, *, region: str | None, endpoint: str | None, prefix: str | None, path_style: bool | None
) -> Place:
    """Return the place that is meant.

    Without an endpoint it is Amazon's in that region. The region is told from the endpoint where providers write it
    there. Amazon is addressed by `bucket.host` unless told otherwise, everybody else by `host/bucket`.

    Raises:
        Invalid: with the `field` that is wrong.
    """
    if not is_bucket(bucket):
        raise _invalid("bucket", "has 3 to 63 lower-case letters, digits, dots and dashes")
    if region is not None and not _REGION.match(region):
        raise _invalid("region", "has lower-case letters, digits and dashes: us-east-1")
    if not endpoint:
        if region is None:
            raise _invalid("region", "is required for Amazon S3; for another store give its endpoint")
        endpoint = f"https://s3.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
    address = _address(endpoint, bucket)
    host = host_of(address)
    return Place(
        endpoint=address,
        region=region or _region_of(host),
        bucket=bucket,
        prefix=_prefix(prefix or ""),
        path_style=provider_of(host) != "s3" if path_style is None else path_style,
    )


def check_keys(access_key_id: str, secret_access_key: str) -> None:
    """Raises `Invalid` for what no store would have given out: a pasted line break is found here, not by its effects."""
    if not _KEY_ID.match(access_key_id):
        raise _invalid(
            "access_key_id", "has 1 to 256 printable characters, without spaces, commas and slashes"
        )
    if not _SECRET.match(secret_access_key):
        raise _invalid(
            "secret_access_key", "has 1 to 1024 printable characters, without spaces and line breaks"
        )
    if not secret_access_key.strip("*"):
        raise _invalid("secret_access_key", "is never shown, and has to be given again with every change")


def _address(endpoint: str, bucket: str) -> str:
    """Return `scheme://host[:port]`, also of an address that the provider shows with the bucket in it."""
    try:
        parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
        port = parts.port
    except ValueError as e:
        raise _invalid("endpoint", f"is no address: {e}") from e
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or not endpoint.isascii() or " " in endpoint:
        raise _invalid("endpoint", "is https://host or http://host, with a port if need be")
    if (
        parts.username is not None
        or parts.query
        or parts.fragment
        or parts.path.strip("/") not in {"", bucket}
    ):
        raise _invalid("endpoint", "is scheme and host only: no user name, no path, no query")
    if provider_of(host) != "other":
        host = host.removeprefix(f"{bucket}.")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def _region_of(host: str) -> str:
    provider = provider_of(host)
    for name, pattern in _REGIONS:
        if name == provider and (found := pattern.match(host)):
            return found[1]
    if provider == "s3":
        raise _invalid("region", "is required for Amazon S3")
    return "auto" if provider == "r2" else _DEFAULT_REGION


def _prefix(prefix: str) -> str:
    """Return it with its slash at the end."""
    whole = f"{prefix.rstrip('/')}/" if prefix.strip("/") else prefix
    if len(whole) > _LONGEST_PREFIX or not _PREFIX.match(whole) or {".", ".."} & set(whole.split("/")):
        raise _invalid("prefix", "has folder names of letters, digits and . _ ~ = + @ - with / between them")
    if max(map(len, whole.split("/"))) > MAX_NAME_BYTES:
        raise _invalid("prefix", f"has folder names of {MAX_NAME_BYTES} characters at most")
    return whole


def _invalid(field_name: str, text: str) -> Invalid:
    return Invalid(f"{field_name}: {text}.", code="invalid_storage", field=field_name)
