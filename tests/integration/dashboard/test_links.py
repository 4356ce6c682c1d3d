"""Links to files: what a browser does with them, how long they stay the same, and that pages may load them."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.services.pictures import Pictures
from tests.fakes.clock import ManualClock
from tests.integration.api.conftest import Api
from tests.integration.api.library import CONTENT, Shelf
from tests.support.dashboard import Visitor

_POSTER = """INSERT INTO previews (recording_id, poster_key, storyboard, created_at_ms)
    VALUES (:id, :key, '{"tile_width": 1, "tile_height": 1, "interval_ms": 1, "sheets": []}', 1)"""
_BOARD = """{"tile_width": 160, "tile_height": 90, "interval_ms": 2000,
    "sheets": [{"key": "%s", "columns": 2, "tiles": 4}]}"""
_CLIP = """INSERT INTO clips (id, tenant_id, recording_id, label, start_s, end_s, mode, state, bucket, object_key, created_at_ms)
    VALUES ('clip_1', 'default', :id, 'x', 0, 1, 'smart', 'complete', :bucket, :key, 1)"""
_TTL_S = 3600


async def _shelf(api: Api) -> Shelf:
    await api.http.post("/v1/rooms", json={"roomId": "shelf"})
    return Shelf(api)


async def _ready(api: Api) -> Recording:
    """Return a recording whose file is there, and is its poster and its clip as well."""
    shelf = await _shelf(api)
    made = await shelf.add(RecordingState.READY)
    shelf.put(made.object_key)
    async with api.platform._adapters.db.transaction() as tx:
        await tx.execute(_POSTER, id=made.id, key=made.object_key)
        await tx.execute(_CLIP, id=made.id, bucket=shelf.bucket, key=made.object_key)
    return made


async def test_a_download_is_saved_and_a_film_is_played(api: Api, visitor: Visitor) -> None:
    made = await _ready(api)
    for page in (f"/recordings/{made.id}", "/clips/clip_1"):
        saved = await visitor.http.get(f"{page}/download")
        assert saved.status_code == 303
        played = await visitor.get(f"{page}/link")
        film = re.search(r'<video[^>]* src="([^"]+)"[^>]* data-link="([^"]+)"', await visitor.get(page))
        assert film is not None
        assert film[2] == f"{page}/link"
        for url, how in (
            (saved.headers["location"], "attachment"),
            (played, "inline"),
            (unescape(film[1]), "inline"),
        ):
            got = await visitor.http.get(url)
            assert (got.status_code, got.content) == (200, CONTENT)
            assert got.headers["content-disposition"].startswith(f"{how};"), url


async def test_there_is_no_link_to_what_is_not_there(api: Api, visitor: Visitor) -> None:
    failed = await (await _shelf(api)).add(RecordingState.FAILED)
    for path in (f"/recordings/{failed.id}/link", "/recordings/rec_none/link", "/clips/clip_none/link"):
        assert (await visitor.http.get(path)).status_code == 404, path


async def test_a_poster_keeps_its_link_for_a_while(api: Api) -> None:
    """So that a list that is shown anew does not load all of its pictures anew."""
    made, clock = await _ready(api), ManualClock(1_713_693_600_000)
    services = api.platform.services
    pictures = Pictures(api.platform._adapters.db, services.stores, clock, presign_ttl_s=_TTL_S)
    links = []
    for seconds in (0, _TTL_S / 4 - 1, 1):
        clock.advance(seconds)
        links.append((await pictures.posters([made]))[made.id])
    assert links[0] == links[1] != links[2]
    given = parse_qs(urlsplit(links[0]).query)
    assert (given["X-Amz-Date"], given["X-Amz-Expires"]) == (["20240421T100000Z"], [str(_TTL_S)])


async def test_a_poster_that_comes_later_may_be_shown(api: Api, visitor: Visitor) -> None:
    """The policy of a list is that of its first moment, when there may have been no picture on it."""
    store = api.settings.storage.url
    empty = await visitor.http.get("/recordings")
    policies = dict(
        part.strip().partition(" ")[::2] for part in empty.headers["content-security-policy"].split(";")
    )
    assert policies["img-src"] == f"'self' data: {store}"
    made = await _ready(api)
    picture = re.search(r'<img src="([^"]+)"', await visitor.get("/recordings?part=list"))
    assert picture is not None
    assert unescape(picture[1]).startswith(f"{store}/")
    assert (await visitor.http.get(unescape(picture[1]))).content == CONTENT, made.id


async def test_a_clip_shows_the_moment_at_which_it_begins(api: Api, visitor: Visitor) -> None:
    """Of the storyboard of its recording; before that is made there is a place for it."""
    made = await _ready(api)
    pages = ("/clips", "/clips?part=list", f"/recordings/{made.id}", f"/recordings/{made.id}?part=now")
    for page in pages:
        assert "<svg" not in await visitor.get(page), page
    async with api.platform._adapters.db.transaction() as tx:
        await tx.execute("UPDATE previews SET storyboard = :board", board=_BOARD % made.object_key)
        await tx.execute("UPDATE clips SET start_s = 5, end_s = 9")
    for page in pages:
        shown = await visitor.http.get(page)
        still = re.search(
            r'<svg viewBox="160 90 160 90"><image href="([^"]+)" width="320" height="180"/>', shown.text
        )
        assert still is not None, page
        assert (await visitor.http.get(unescape(still[1]))).content == CONTENT
        if "part" not in page:
            store = api.settings.storage.url
            assert f"img-src 'self' data: {store}" in shown.headers["content-security-policy"], page
