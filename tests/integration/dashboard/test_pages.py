"""Every page with something on it, and what is done from it, over the services that the API has."""

import json
import re
from html import unescape

from rtcstack.domain.recording import RecordingState
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf
from tests.support.dashboard import Visitor

_HTMX = {"hx-request": "true"}


async def _shelf(api: Api, tenant: str = "default") -> dict[str, str]:
    """Return the id of a recording in each of some states, by the state."""
    headers = await api.key(tenant)
    shelf = Shelf(api)
    states = [RecordingState.READY, RecordingState.ARCHIVED, RecordingState.FAILED, RecordingState.PROCESSING]
    ids = {}
    for state in states:
        room = f"{tenant}-{state}"
        (await api.http.post("/v1/rooms", json={"roomId": room}, headers=headers)).raise_for_status()
        ids[str(state)] = (await shelf.add(state, room, tenant=tenant, error="<b>broken</b>")).id
    return ids


async def test_every_page_shows_what_there_is(api: Api, visitor: Visitor) -> None:
    ids = await _shelf(api)
    hall = (await api.http.post("/v1/halls", json={"name": "A hall & more"})).json()["hall_id"]
    hook = (await api.http.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/a"})).json()["id"]
    asked = {"label": "A clip <here>", "start_seconds": 0, "end_seconds": 1}
    clip = (await api.http.post(f"/v1/recordings/{ids['ready']}/clips", json=asked)).json()["clip_id"]
    shown = {
        "/": "recordings running",
        "/?part=now": "Nobody is in a room",
        "/parts": "Takes writes",
        "/rooms": "A hall & more",
        "/rooms?part=list": "default-ready",
        f"/rooms/{hall}": "Nobody is here",
        f"/rooms/{hall}?part=now": "Close the hall",
        "/recordings": "4 recordings",
        "/recordings?part=list": "default-failed",
        "/recordings?state=failed": "1 recording",
        "/recordings?room=default-ready": "1 recording",
        "/recordings?q=efault-arch": "default-archived",
        f"/recordings?q={ids['failed']}": "default-failed",
        f"/recordings/{ids['ready']}": "Mark a clip",
        f"/recordings/{ids['ready']}?part=now": "Download",
        f"/recordings/{ids['archived']}": "Bring back",
        f"/recordings/{ids['failed']}": "Try again",
        f"/recordings/{ids['processing']}": "Recover",
        "/clips": "A clip <here>",
        f"/clips/{clip}": "A clip <here>",
        f"/clips/{clip}?part=now": ids["ready"],
        "/webhooks": "http://127.0.0.1:9/a",
        f"/webhooks/{hook}": "Send a test event",
        "/settings/storage": "The appliance's own bucket",
        "/settings/keys": ">Keys<",
        "/settings/tenants": "self-hosted",
        "/settings/rules": ">Deleted recordings<",
        "/settings/password": "Current password",
        "/audit": '<th scope="row">Clip: made</th>',
        "/audit?all=1": '<th scope="row">Admin: signed in</th>',
    }
    for path, text in shown.items():
        page = await visitor.get(path)
        assert text in unescape(page), path
        assert "<here>" not in page, path
        assert "<b>broken" not in page, path


async def test_a_page_may_load_what_is_ours_and_its_own_film_only(api: Api, visitor: Visitor) -> None:
    ids = await _shelf(api)
    answer = await visitor.http.get(f"/recordings/{ids['ready']}")
    policy = dict(
        part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";")
    )
    store = api.settings.storage.url
    assert policy["media-src"] == f"'self' {store}"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert answer.headers["cache-control"] == "no-store"
    film = re.search(r'<video[^>]* src="([^"]+)"', answer.text)
    assert film is not None
    assert unescape(film[1]).startswith(f"{store}/")


async def test_files_of_the_pages_are_kept_by_browsers(visitor: Visitor) -> None:
    page = await visitor.get("/")
    files = set(re.findall(r'"(/static/[^"]+)"', page))
    assert len(files) >= 4
    for file in files:
        answer = await visitor.http.get(file)
        assert answer.status_code == 200, file
        assert "immutable" in answer.headers["cache-control"]
    assert (await visitor.http.get("/static/x/../pages.py")).status_code == 404
    assert (await visitor.http.get("/static/x/%2e%2e/pages.py")).status_code == 404


async def test_what_is_not_there_is_said_in_words(visitor: Visitor) -> None:
    for path in (
        "/recordings/rec_none",
        "/recordings/rec_none/download",
        "/recordings/rec_none/storyboard.vtt",
        "/rooms/none",
        "/rooms/a%20b",
        "/clips/clip_none",
        "/webhooks/whk_none",
        "/recordings?after=nonsense",
        "/clips?before=nonsense",
        "/audit?cursor=nonsense",
    ):
        answer = await visitor.http.get(path)
        assert answer.status_code in {400, 404}, path
        assert answer.headers["content-type"].startswith("text/html"), path
        assert "To the overview" in answer.text, path


async def test_nothing_of_another_tenant_is_shown_until_it_is_chosen(api: Api, visitor: Visitor) -> None:
    theirs = await _shelf(api, "acme")
    for path in ("/", "/rooms", "/recordings", "/recordings?q=acme", "/clips", "/webhooks", "/audit"):
        page = await visitor.get(path)
        assert not any(id_ in page for id_ in theirs.values()), path
        assert "acme-ready" not in page, path
    assert (await visitor.http.get(f"/recordings/{theirs['ready']}")).status_code == 404
    assert (await visitor.send(f"/recordings/{theirs['ready']}/delete")).status_code == 404
    assert (await visitor.send("/tenant", {"tenant": "acme"})).headers["location"] == "/"
    assert "4 recordings" in await visitor.get("/recordings")
    assert (await visitor.http.get(f"/recordings/{theirs['ready']}")).status_code == 200


async def test_what_is_done_stays_on_the_page_with_htmx_and_leads_on_without(
    api: Api, visitor: Visitor
) -> None:
    ids = await _shelf(api)
    path = f"/recordings/{ids['processing']}"
    plain = await visitor.send(f"{path}/recover")
    assert plain.status_code == 303
    assert plain.headers["location"] == path
    assert "are asked for the recording" in await visitor.get(path), "the next page says it"
    assert "are asked for the recording" not in await visitor.get(path), "once"
    by_htmx = await visitor.send(f"/recordings/{ids['failed']}/delete", **_HTMX)
    assert by_htmx.status_code == 204
    assert by_htmx.headers["hx-redirect"] == "/recordings"
    stays = await visitor.send(f"{path}/recover", **_HTMX)
    assert '"live": true' in stays.headers["hx-trigger"]
    refused = await visitor.send(f"{path}/archive", **_HTMX)
    assert refused.status_code == 400
    assert "Only a recording that is ready can be archived" in refused.headers["hx-trigger"]
    assert "3 recordings" in await visitor.get("/recordings")


async def test_a_room_is_opened_and_closed_and_somebody_is_let_in(visitor: Visitor) -> None:
    made = await visitor.send("/rooms", {"room_id": "review", "name": "Weekly review", "kind": "room"})
    assert made.headers["location"] == "/rooms/review"
    assert "Weekly review" in await visitor.get("/rooms/review")
    token = await visitor.send("/rooms/review/token", {"identity": "ada", "role": "host"})
    assert re.search(r">eyJ[\w-]+\.[\w-]+\.[\w-]+<", token.text)
    hall = await visitor.send("/rooms", {"name": "A hall", "kind": "hall", "max_participants": "5"})
    assert "0 of 5" in await visitor.get(hall.headers["location"])
    for room in ("/rooms/review", hall.headers["location"]):
        assert (await visitor.send(f"{room}/close")).headers["location"] == room
        assert "The room is closed" in await visitor.get(room)
    for form in ({"room_id": "a b"}, {"kind": "hall"}, {"max_participants": "many"}, {"name": "x" * 257}):
        assert (await visitor.send("/rooms", form)).status_code == 400, form
    assert (await visitor.send("/rooms/review/nothing")).status_code == 404


async def test_a_secret_is_shown_once(api: Api, visitor: Visitor) -> None:
    made = await visitor.send("/settings/keys", {"scope": "read"})
    key = re.search(r"rtc_live_\w+", made.text)
    assert key is not None
    assert (await api.http.get("/v1/rooms", headers={"authorization": f"Bearer {key[0]}"})).status_code == 200
    page = await visitor.get("/settings/keys")
    assert key[0] not in page
    key_id = key[0].split("_")[2]
    await visitor.send(f"/settings/keys/{key_id}/revoke")
    assert (await api.http.get("/v1/rooms", headers={"authorization": f"Bearer {key[0]}"})).status_code == 401
    hook = await visitor.send("/webhooks", {"url": "http://127.0.0.1:9/", "events": "clip.ready"})
    secret = re.search(r"whsec_[\w+/=]+", hook.text)
    assert secret is not None
    assert secret[0] not in await visitor.get("/webhooks")
    assert "clip.ready" in await visitor.get("/webhooks")


async def test_a_wrong_bucket_is_refused_above_its_form(api: Api, visitor: Visitor) -> None:
    form = {
        "bucket": "somebody",
        "endpoint": api.settings.storage.url,
        "access_key_id": "nobody",
        "secret_access_key": "a-wrong-secret",
    }
    answer = await visitor.send("/settings/storage", form)
    assert answer.status_code == 400
    assert 'value="somebody"' in answer.text
    assert "a-wrong-secret" not in answer.text
    assert 'role="alert"' in answer.text


async def test_plans_are_given_to_tenants(visitor: Visitor) -> None:
    assert (await visitor.send("/settings/tenants", {"tenant": "acme", "plan": "free"})).status_code == 303
    assert (await visitor.send("/settings/tenants/acme/plan", {"plan": "growth"})).status_code == 303
    again = await visitor.send("/settings/tenants", {"tenant": "acme", "plan": "growth"}, **_HTMX)
    assert (again.status_code, json.loads(again.headers["hx-trigger"])) == (
        409,
        {"refused": "There is a tenant acme already. Its plan is set in the list.", "wrong": "tenant"},
    )
    page = await visitor.get("/settings/tenants")
    assert re.search(r'id="plan-acme".*?selected>growth<', page, re.DOTALL)
    assert (await visitor.send("/settings/tenants/acme/plan", {"plan": "none"})).status_code == 400


async def test_it_is_told_who_did_it(api: Api, visitor: Visitor) -> None:
    ids = await _shelf(api)
    await visitor.send(f"/recordings/{ids['failed']}/delete")
    _, text = await api.platform.services.access.create_key("default", is_operator=True)
    headers = {"authorization": f"Bearer {text}"}
    answer = await api.http.get("/v1/admin/audit?action=recording.delete", headers=headers)
    [entry] = answer.json()["data"]
    assert entry["object_id"] == ids["failed"]
    assert entry["actor"]["type"] == "admin"
    assert entry["actor"]["address"] == "127.0.0.1"


async def test_the_pages_are_in_no_description_of_the_api(api: Api) -> None:
    paths = (await api.http.get("/schema/openapi.json")).json()["paths"]
    assert not any(
        path == "/" or path.startswith(("/rooms", "/recordings", "/settings", "/live")) for path in paths
    )
