"""Somebody at work: several at once, a session that ends in between, what a page says of the machine."""

import gzip
import re
from html import unescape

import httpx

from rtcstack.repositories import admin_users
from tests.integration.api.conftest import Api
from tests.integration.dashboard.test_pages import _shelf
from tests.support.dashboard import PASSWORD, Visitor, cheap_hash

_HTMX = {"hx-request": "true"}


async def test_the_overview_says_how_much_can_be_recorded(api: Api, visitor: Visitor) -> None:
    capacity = (await api.http.get("/v1/capacity")).json()
    assert not capacity["can_record"], "no Egress worker is there"
    part = await visitor.get("/parts")
    assert capacity["message"] in unescape(part)
    assert "Cannot record" in part


async def test_whoever_was_at_work_comes_back_to_the_page(api: Api, visitor: Visitor) -> None:
    proof = await visitor.proof()
    async with api.platform._adapters.db.transaction() as tx:
        await admin_users.end_sessions_of(tx, "adm_1")
    page = "http://127.0.0.1:1/recordings?state=failed"
    back = "/sign-in?next=%2Frecordings%3Fstate%3Dfailed"
    form = {"csrf": proof}
    by_htmx = await visitor.http.post("/rooms/a/close", data=form, headers={**_HTMX, "hx-current-url": page})
    assert (by_htmx.status_code, by_htmx.headers["hx-redirect"]) == (401, back)
    plain = await visitor.http.post("/rooms/a/close", data=form, headers={"referer": page})
    assert (plain.status_code, plain.headers["location"]) == (303, back)
    for elsewhere in ("https://evil.example//evil.example/", "nonsense", "//evil.example"):
        headers = {**_HTMX, "hx-current-url": elsewhere}
        to = (await visitor.http.get("/rooms?part=list", headers=headers)).headers["hx-redirect"]
        shown = await visitor.get(to)
        assert re.search(r'name="next" value="(/|/evil\.example)?"', shown), elsewhere


async def test_two_at_once_hear_of_each_other_in_words(api: Api, visitor: Visitor) -> None:
    """What one has done already is said to the other, and the log tells them apart."""
    ids = await _shelf(api)
    async with api.platform._adapters.db.transaction() as tx:
        await admin_users.put(tx, "adm_2", "grace", cheap_hash(PASSWORD), 1)
    async with httpx.AsyncClient(base_url=api.http.base_url, verify=False) as http:
        other = Visitor(http)
        assert (await other.sign_in(name="grace")).status_code == 303
        assert "default-failed" in await other.get("/recordings")
        path = f"/recordings/{ids['failed']}/delete"
        assert (await visitor.send(path, **_HTMX)).status_code == 204
        late = await other.send(path, **_HTMX)
        assert late.status_code == 404
        assert "recording" in late.headers["hx-trigger"].lower()
        assert "default-failed" not in await other.get("/recordings")
        await other.send(f"/recordings/{ids['processing']}/recover", **_HTMX)
        assert "grace" in await visitor.get("/audit?action=recording.recover")
        assert "grace" in await visitor.get(f"/recordings/{ids['processing']}?part=now")
        await visitor.send("/sign-out")
        assert await other.get("/"), "the other one's session goes on"


async def test_files_travel_compressed(visitor: Visitor) -> None:
    [sheet] = re.findall(r'"(/static/[^"]+\.css)"', await visitor.get("/"))
    packed = await visitor.http.get(sheet, headers={"accept-encoding": "gzip"})
    plain = await visitor.http.get(sheet, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert len(gzip.compress(plain.content)) < len(plain.content) / 2
    assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"
