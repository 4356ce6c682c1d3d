"""What the pages say is said to people: by the names on the page, and of what is there."""

import json
import re
from html import unescape

from rtcstack.domain.recording import RecordingState
from rtcstack.errors import PartUnavailable
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf
from tests.support.dashboard import Visitor
from tests.support.own_bucket import make_own_bucket

_HTMX = {"hx-request": "true"}


async def test_a_recording_and_its_clips_are_told_in_words(api: Api, visitor: Visitor) -> None:
    asked = {"roomId": "standup", "name": "The weekly <standup>"}
    (await api.http.post("/v1/rooms", json=asked)).raise_for_status()
    recording = await Shelf(api).add(RecordingState.READY, "standup")
    here = f"/recordings/{recording.id}"
    for _ in range(3):
        shown = unescape(await visitor.get(here))
    assert 'href="/rooms/standup">The weekly <standup></a>' in shown
    assert "; Settings, Rules changes that." in shown
    told = await visitor.get(f"{here}?part=now")
    assert told.count("Link to the file given out") == 1
    assert "Link to the file given out 3 times" in told
    given_out = "/audit?action=recording.link&object="
    assert await _objects(visitor, given_out + recording.id) == 3 * [recording.id]
    assert await _objects(visitor, f"{given_out}rec_other") == []
    await visitor.get(f"{here}/link")
    again = await visitor.get(f"{here}?part=now")
    assert "given out 3 times" in again, "a film that goes on is not opened anew"
    for form, field in (
        ({"label": "A", "start": "5", "end": "0:05.0"}, "end"),
        ({"label": "A", "start": "inf", "end": "5"}, "start"),
        ({"label": "A", "start": "0", "end": "9:00:00"}, "end"),
        ({"label": "", "start": "0", "end": "1"}, "label"),
    ):
        refused = await visitor.send(f"{here}/clips", form, **_HTMX)
        trigger = json.loads(refused.headers["hx-trigger"])
        assert (refused.status_code, trigger["wrong"]) == (400, field), form
        assert "_seconds" not in trigger["refused"]
    made = await visitor.send(f"{here}/clips", {"label": "A", "start": "0.5", "end": "0:02.0"}, **_HTMX)
    assert made.status_code == 204
    [clip] = set(re.findall(r"/clips/clip_\w+", await visitor.get("/clips?part=list")))
    for path in ("/clips", clip):
        shown = unescape(await visitor.get(path))
        assert "0:00.5 to 0:02" in shown, path
        assert 'href="/rooms/standup">The weekly <standup></a>' in shown, path


async def test_a_bucket_is_refused_by_the_name_of_the_field(api: Api, visitor: Visitor) -> None:
    form = {"bucket": "somebody", "access_key_id": "nobody", "secret_access_key": "secret"}
    told = (await visitor.send("/settings/storage", form)).text
    assert "The region is required for Amazon S3" in told
    assert 'name="region" aria-invalid="true"' in told
    assert told.count("aria-invalid") == 1
    ours = {**form, "bucket": api.settings.storage.bucket, "endpoint": api.settings.storage.url}
    told = unescape((await visitor.send("/settings/storage", ours)).text)
    assert "This is the appliance's own bucket" in told
    assert "/v1/" not in told


class _VaultIsSealed:
    async def seal(self, *_: str) -> str:
        raise PartUnavailable("The vault does not answer.", part="vault")


async def test_a_bucket_whose_secret_cannot_be_sealed_now_leaves_the_form(api: Api, visitor: Visitor) -> None:
    own = make_own_bucket(api.settings.storage, "words")
    api.platform.services.storage_settings._sealer = _VaultIsSealed()
    form = {"bucket": own.name, "endpoint": own.endpoint, "access_key_id": own.access_key_id}
    told = await visitor.send("/settings/storage", {**form, "secret_access_key": own.secret_access_key})
    assert told.status_code == 503
    assert re.search(
        r'<p id="fault" class="fault" role="alert"[^>]*>The vault does not answer.</p>', told.text
    )
    assert f'value="{own.name}"' in told.text
    assert own.secret_access_key not in told.text


async def test_what_is_not_there_is_no_link_and_a_page_in_a_browser(api: Api, visitor: Visitor) -> None:
    made = await api.http.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/a"})
    here = f"/webhooks/{made.json()['id']}"
    for path in ("/webhooks", f"{here}/change"):
        refused = await visitor.send(path, {"url": "http://127.0.0.1:9/a", "rooms": "a b/c"}, **_HTMX)
        trigger = json.loads(refused.headers["hx-trigger"])
        assert (refused.status_code, trigger["wrong"]) == (400, "rooms"), path
    assert "Send a test event" in await visitor.get(f"{here}?part=endpoint")
    assert f'href="{here}"' in await visitor.get("/audit")
    await visitor.send(f"{here}/delete")
    assert f'href="{here}"' not in await visitor.get("/audit")
    assert f'<code>{made.json()["id"]}</code> <span class="hint">deleted</span>' in await visitor.get(
        "/audit"
    )
    nope = await visitor.http.get("/nope", headers={"accept": "text/html,*/*"})
    assert nope.status_code == 404
    assert "There is no such page." in nope.text
    program = await api.http.get("/v1/nope", headers={"accept": "text/html,*/*"})
    assert program.json()["error"]["code"] == "not_found"
    assert "<h1>Capacity and health</h1>" in await visitor.get("/parts")
    piece = await visitor.http.get("/parts", headers=_HTMX)
    assert "<html" not in piece.text


async def test_the_audit_log_leads_to_no_page_that_is_gone(api: Api, visitor: Visitor) -> None:
    (await api.http.post("/v1/rooms", json={"roomId": "standup"})).raise_for_status()
    recording = await Shelf(api).add(RecordingState.READY, "standup")
    form = {"label": "A", "start": "0.5", "end": "0:02.0"}
    assert (await visitor.send(f"/recordings/{recording.id}/clips", form, **_HTMX)).status_code == 204
    [clip] = set(re.findall(r"/clips/clip_\w+", await visitor.get("/clips?part=list")))
    pages = {f"/recordings/{recording.id}", clip}
    assert _links(await visitor.get("/audit")) >= pages
    await visitor.send(f"/recordings/{recording.id}/delete")
    shown = await visitor.get("/audit")
    assert _links(shown).isdisjoint(pages)
    assert "/rooms/standup" in _links(shown), "its other recordings are there"
    assert shown.count('<span class="hint">deleted</span>') >= 2
    for page in _links(shown):
        await visitor.get(page)


async def _objects(visitor: Visitor, audit: str) -> list[str]:
    """Return what the entries of that page are about."""
    return re.findall(r"<td[^>]*>(?:<a [^>]+>)?<code>(rec_\w+)</code>", await visitor.get(audit))


def _links(page: str) -> set[str]:
    """Return the pages that the table leads to."""
    return set(re.findall(r'href="([^"?]+)"', page.partition("<tbody>")[2].partition("</tbody>")[0]))
