"""The addresses that callers and browsers are given: do they agree with each other, and lead here?"""

import asyncio
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rtcstack.appliance import interfaces
from rtcstack.doctor.checks.media_address import judge_media
from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Verdict, doubtful, fine, wrong
from rtcstack.doctor.scene import Scene, hostname, is_loopback_url

_TLS = "docs/operations/tls.md"
_ELSEWHERE = ("192.0.2.1", 9)
"""TEST-NET-1 (RFC 5737): nothing is sent, it only makes the system choose the address that packets would leave from."""
_LOOK_UP_S = 4
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound to


@dataclass(frozen=True)
class Addresses:
    resolved: Mapping[str, str] = field(default_factory=dict)
    """The address of each public host; empty where its name leads nowhere."""
    outgoing: str = ""
    """The address that this machine calls others from: LiveKit offers it if it is told of no other."""
    has_interface: bool = True


async def look(scene: Scene) -> Addresses:
    own = scene.settings
    urls = (own.api.public_url, own.livekit.public_url, own.storage.public_url)
    hosts = {host for host in (*map(hostname, urls), own.livekit.node_ip or "") if host}
    found = await asyncio.gather(*(_look_up(host) for host in sorted(hosts)))
    return Addresses(dict(zip(sorted(hosts), found, strict=True)), _outgoing(), interfaces.has_usable())


async def _look_up(host: str) -> str:
    try:
        async with asyncio.timeout(_LOOK_UP_S):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return ""
    return str(found[0][4][0])


def _outgoing() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def agreement(scene: Scene, _: Addresses) -> Iterator[Verdict]:
    verdicts = [*_left_inside(scene), *_mixed(scene), *_plain(scene)]
    yield from verdicts
    if not verdicts:
        yield fine(
            "addresses of API, LiveKit and store agree"
            if scene.is_public
            else "everything answers this machine alone"
        )


def _left_inside(scene: Scene) -> Iterator[Verdict]:
    """Whoever reaches the API has to reach LiveKit and the store as well: it sends them there."""
    own = scene.settings
    given = {
        "LIVEKIT": (own.livekit.public_url or own.livekit.ws_url, "join tokens", "wss://livekit.example.org"),
        "STORAGE": (
            own.storage.public_url or own.storage.url,
            "links to recordings",
            "https://s3.example.org",
        ),
    }
    for section, (url, what, example) in given.items():
        if scene.is_public and (is_loopback_url(url) or hostname(url) in _EVERYWHERE):
            yield wrong(
                f"the API answers others, but {what} lead to {url}, where they find nothing",
                cause=f"RTCSTACK_{section}__PUBLIC_URL is not set, or leads to loopback: browsers elsewhere get no further",
                cure=f"Set RTCSTACK_{section}__PUBLIC_URL to where browsers reach it, such as {example}.",
                page=_TLS,
            )


def _mixed(scene: Scene) -> Iterator[Verdict]:
    """A page that came over TLS may not load or connect to anything without (W3C, Mixed Content)."""
    own = scene.settings
    if not (own.api.public_url or "").startswith("https://"):
        return
    for section, url, right in (
        ("LIVEKIT", own.livekit.public_url, "wss://"),
        ("STORAGE", own.storage.public_url, "https://"),
    ):
        if url and not url.startswith(right) and not is_loopback_url(url):
            yield wrong(
                f"the API is at https://, but RTCSTACK_{section}__PUBLIC_URL is {url}",
                cause="browsers refuse what is not encrypted from a page that is",
                cure=f"Put it behind TLS as well, and let the address begin with {right}",
                page=_TLS,
            )


def _plain(scene: Scene) -> Iterator[Verdict]:
    own = scene.settings
    url = own.api.public_url or own.api.url
    if scene.is_public and not url.startswith("https://"):
        yield doubtful(
            f"the API answers others at {url}, without TLS",
            cause="API keys, the dashboard's password and its cookie cross the network in the clear, and browsers give no page "
            "without TLS a camera",
            cure="Put a TLS edge before it and set RTCSTACK_API__PUBLIC_URL=https://…",
            page=_TLS,
        )
    elif scene.is_public and not own.limits.trusted_proxies:
        yield doubtful(
            f"the API is behind {url}, and no proxy is trusted",
            cause="all callers look like the proxy: they share one rate limit, and the audit log has its address",
            cure='Set RTCSTACK_LIMITS__TRUSTED_PROXIES to where the proxy is, such as ["127.0.0.1/32"].',
            page="docs/operations/hardening.md",
        )


def names(_: Scene, addresses: Addresses) -> Iterator[Verdict]:
    lost = [host for host, address in addresses.resolved.items() if not address]
    for host in lost:
        yield wrong(
            f"{host} leads to no address",
            cause="it has no DNS entry, or this machine's resolver does not answer",
            cure=f"Make an A (or AAAA) record for it, and see:\n  getent ahosts {host}",
            page=_TLS,
        )
    looked_up = [f"{host} is {address}" for host, address in addresses.resolved.items() if host != address]
    if looked_up and not lost:
        yield fine(", ".join(looked_up))


def edge(scene: Scene, _: Addresses) -> Iterator[Verdict]:
    """Judge the API's public address, as long as the API itself answers."""
    public, api = scene.answers.get("public"), scene.answers.get("api")
    if public is None or api is None or api.status is None:
        return
    if public.is_ok:
        yield fine(f"the API answers at {scene.settings.api.public_url}")
        return
    yield wrong(
        f"the API's public address does not answer: {public.seen}",
        cause="the edge does not run, does not hand on to the API, or this machine may not reach itself through its router",
        cure="Try it from elsewhere; if it fails there too, read the edge's log:\n"
        f"  curl -i {scene.settings.api.public_url}/healthz",
        page=_TLS,
    )


def media(scene: Scene, addresses: Addresses) -> Iterator[Verdict]:
    yield judge_media(scene, addresses.resolved, addresses.outgoing)


def interface(scene: Scene, addresses: Addresses) -> Iterator[Verdict]:
    if scene.is_apart:
        return
    if addresses.has_interface:
        yield fine("there is a network interface that WebRTC may use")
        return
    advice, _, commands = interfaces.ADVICE.strip().partition("\n  ")
    yield wrong(
        "no network interface besides lo is up",
        cause=" ".join(advice.split()),
        cure=f"Make one that leads nowhere:\n  {commands}",
        page="docs/operations/one-file.md#what-it-runs-on",
    )


FAMILY = Family(
    "addresses",
    look,
    {"agreement": agreement, "names": names, "edge": edge, "media": media, "interface": interface},
)
