"""From a template to an answer, with a policy that lets a page load nothing but what is ours and its store's."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from jinja2 import Environment
from litestar import MediaType, Response
from litestar.response import Redirect

from rtcstack.api.templates import environment
from rtcstack.clock import SystemClock
from rtcstack.dashboard import assets, formats, lacks, refusals, words
from rtcstack.dashboard.fields import AnyRequest
from rtcstack.dashboard.viewer import Viewer

SAID = "rtcstack_said"
"""The cookie that carries a sentence to the next page."""
_SAID_S = 20
_CLOCK = SystemClock()
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; img-src 'self' data:{0}; media-src 'self'{0}"
)


def _environment() -> Environment:
    made = environment(Path(__file__).parent / "templates")
    made.filters.update(
        size=formats.size,
        age=formats.age,
        duration=formats.duration,
        for_people=refusals.for_people,
        instant=formats.instant,
        limit=formats.limit,
        moment=formats.moment,
        number=formats.number,
        sentence=formats.sentence,
        stream=formats.stream,
    )
    made.globals.update(
        asset=assets.FILES.address,
        has_htmx=assets.FILES.has(assets.HTMX),
        acts=words.ACTS,
        deeds=words.DEEDS,
        is_deleted=words.is_deleted,
        lacks=lacks.lacks,
        lack_mark=lacks.lack_mark,
        object_page=words.object_page,
        states=words.STATES,
        queues=words.QUEUES,
        sources=words.SOURCES,
        transfers=words.TRANSFERS,
        tones=words.TONES,
        since=lambda at_ms: formats.since(at_ms, _CLOCK.now_ms()),
    )
    return made


_TEMPLATES = _environment()


def _origins(links: Iterable[str | None]) -> str:
    """Return the sites that links lead to, each once, as a policy lists them."""
    parts = (urlsplit(link) for link in links if link)
    return "".join(f" {origin}" for origin in sorted({f"{p.scheme}://{p.netloc}" for p in parts}))


def page(
    template: str,
    viewer: Viewer | None,
    *,
    links: Iterable[str | None] = (),
    status: int = 200,
    request: AnyRequest | None = None,
    **shown: Any,
) -> Response[str]:
    """Return the page. `links` are those to pictures and films on it. With a request for a whole page, what was to be said is
    said.
    """
    is_whole = request is not None and "hx-request" not in request.headers
    said = unquote(request.cookies.get(SAID, "")) if request and is_whole else ""
    html = _TEMPLATES.get_template(template).render(viewer=viewer, said=said, **shown)
    # With `no-referrer` a browser would not say where a form comes from (Fetch, "append a request `Origin` header").
    headers = {"content-security-policy": _POLICY.format(_origins(links)), "referrer-policy": "same-origin"}
    made = Response(html, media_type=MediaType.HTML, status_code=status, headers=headers)
    if said:
        made.delete_cookie(SAID)
    return made


def done(request: AnyRequest, sentence: str, *, to: str, leaves: bool = False) -> Response[Any]:
    """Answer a change that was made: the page stays, says so and shows what is new. Without htmx, and when it `leaves`,
    it goes to `to`.
    """
    is_htmx = "hx-request" in request.headers
    if is_htmx and not leaves:
        return Response(
            None, status_code=204, headers={"hx-trigger": json.dumps({"said": sentence, "live": True})}
        )
    made: Response[Any] = (
        Response(None, status_code=204, headers={"hx-redirect": to})
        if is_htmx
        else Redirect(to, status_code=303)
    )
    made.set_cookie(key=SAID, value=quote(sentence), max_age=_SAID_S, path="/", httponly=True, samesite="lax")
    return made
