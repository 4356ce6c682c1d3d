"""From a template to an answer, with a policy that lets the page load what is ours and talk to LiveKit, nothing else."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment
from litestar import MediaType, Response

from rtcstack.api.templates import environment
from rtcstack.domain.invite import MAX_GUEST_CHARS
from rtcstack.join import assets

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self' {livekit}; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
_DEVICES = "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), fullscreen=(self)"
_HTTP = {"ws": "http", "wss": "https"}


def _environment() -> Environment:
    made = environment(Path(__file__).parent / "templates")
    made.globals.update(
        asset=assets.FILES.address,
        client=assets.CLIENT,
        has_client=assets.FILES.has,
        most_chars=MAX_GUEST_CHARS,
    )
    return made


_TEMPLATES = _environment()


def livekit_origins(livekit_url: str) -> str:
    """Return what a policy has to name so that LiveKit's client reaches its server: it asks over HTTP why it was refused."""
    url = urlsplit(livekit_url)
    plain = f" {_HTTP[url.scheme]}://{url.netloc}" if url.scheme in _HTTP else ""
    return f"{url.scheme}://{url.netloc}{plain}"


def page(template: str, headers: dict[str, str], *, status: int = 200, **shown: Any) -> Response[str]:
    html = _TEMPLATES.get_template(template).render(**shown)
    return Response(html, media_type=MediaType.HTML, status_code=status, headers=headers)


def headers_of(livekit_url: str, frame_ancestors: tuple[str, ...]) -> dict[str, str]:
    """Return the headers of every page: what it may load, which devices it may use, who may show it in a frame."""
    ancestors = " ".join(("'self'", *frame_ancestors)) if frame_ancestors else "'none'"
    policy = _POLICY.format(livekit=livekit_origins(livekit_url), ancestors=ancestors)
    return {"content-security-policy": policy, "permissions-policy": _DEVICES}
