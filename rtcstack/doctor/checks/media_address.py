"""Sound and picture: the address at which browsers are told to find them, and whether LiveKit listens there."""

from collections.abc import Mapping
from ipaddress import ip_address

from rtcstack.doctor.finding import Verdict, fine, wrong
from rtcstack.doctor.scene import Scene, hostname
from rtcstack.settings import LiveKit

_PAGE = "docs/operations/tls.md"
_NATIVELY = "docs/operations/tls.md#natively"
_ALL_IPV4 = "0.0.0.0"  # noqa: S104 - shown and compared, not bound to
_FOUND = "an address that LiveKit finds by itself"


def judge_media(scene: Scene, resolved: Mapping[str, str], outgoing: str) -> Verdict:
    """Judge it by the addresses of names, and by the one that this machine calls others from."""
    own = scene.settings.livekit
    if not scene.is_public:
        return fine(f"sound and picture at {_offered(own.host, own, resolved, outgoing) or _FOUND}")
    is_shut = _is_loopback(own.host)  # then the address is judged as it will be once that is mended
    offered = _offered(_ALL_IPV4 if is_shut else own.host, own, resolved, outgoing)
    public = resolved.get(hostname(own.public_url or scene.settings.api.public_url), "")
    is_inner = _leads_inside(offered, public)
    if is_shut:
        return _shut(own, f"RTCSTACK_LIVEKIT__NODE_IP={_told(public)}" if is_inner else "")
    return _inner(own, offered, public) if is_inner else fine(f"sound and picture at {offered or _FOUND}")


def _shut(own: LiveKit, and_set: str) -> Verdict:
    """Return what is wrong where LiveKit's configuration names `lo` as the only interface for sound and picture."""
    router = ", and let the router hand them on to this machine" if and_set else ""
    return wrong(
        f"the API answers others, but LiveKit takes sound and picture on {own.host} alone",
        cause=f"RTCSTACK_LIVEKIT__HOST is {own.host}, which nobody elsewhere reaches, whatever address they are told "
        f"({_given(own.node_ip)}): they join and see nobody",
        cure=f"Set RTCSTACK_LIVEKIT__HOST={_ALL_IPV4}{f' and {and_set}' if and_set else ''}. Open {_ports(own)}{router}; "
        f"keep {own.port}/tcp closed, the TLS edge leads there.",
        page=_NATIVELY,
    )


def _inner(own: LiveKit, offered: str, public: str) -> Verdict:
    return wrong(
        f"browsers are told to find sound and picture at {offered}{f', while the API is at {public}' if public else ''}",
        cause=f"{_given(own.node_ip)}; this machine is behind a router (NAT), and {offered} means nothing outside: they join and "
        "see nobody",
        cure=f"Set RTCSTACK_LIVEKIT__NODE_IP={_told(public)}, and let the router hand {_ports(own)} on to this machine.",
        page=_PAGE,
    )


def _told(public: str) -> str:
    return public or "your public address"


def _ports(own: LiveKit) -> str:
    return f"{own.rtc_udp_port}/udp and {own.rtc_tcp_port}/tcp"


def _given(node_ip: str | None) -> str:
    return f"RTCSTACK_LIVEKIT__NODE_IP is {node_ip}" if node_ip else "RTCSTACK_LIVEKIT__NODE_IP is not set"


def _leads_inside(offered: str, public: str) -> bool:
    """Return whether the address means nothing to those who reach the API; in an office of private ones it does."""
    if not offered or not _is_private(offered):
        return False
    return _is_loopback(offered) or bool(public and not _is_private(public))


def _offered(host: str, own: LiveKit, resolved: Mapping[str, str], outgoing: str) -> str:
    """Return what LiveKit tells browsers when it listens at the host; empty when it finds that out by itself."""
    if own.node_ip and (given := resolved.get(own.node_ip)):
        return given
    try:
        listening = ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return ""
    return outgoing if listening.is_unspecified else str(listening)


def _is_private(address: str) -> bool:
    return not ip_address(address.partition("%")[0]).is_global


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
