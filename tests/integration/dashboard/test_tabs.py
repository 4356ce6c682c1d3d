"""Pages that stay open: of a tenant that is not looked at any more, or of a session that nobody uses."""

import json

from rtcstack.clock import SystemClock
from rtcstack.domain.recording import RecordingState
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf
from tests.support.dashboard import Visitor

_HTMX = {"hx-request": "true"}
_AN_HOUR_MS = 3_600_000
_JOB = """INSERT INTO jobs (id, kind, recording_id, due_at_ms, created_at_ms, updated_at_ms)
    VALUES (:id, 'none', :id, :later, 1, 1)"""
_LATER = 2**50


async def test_a_page_of_another_tenant_changes_nothing(api: Api, visitor: Visitor) -> None:
    await api.key("acme")
    for tenant in ("acme", "default"):
        assert f'name="of_tenant" value="{tenant}"' in await _rooms_of(visitor, tenant)
        other = "default" if tenant == "acme" else "acme"
        form = {"room_id": "standup", "of_tenant": other}
        refused = await visitor.send("/rooms", form)
        assert refused.status_code == 403
        assert f"This page shows {other}, but {tenant} was chosen since" in refused.text
        by_htmx = await visitor.send("/rooms", {"room_id": "standup"}, **_HTMX, **{"x-tenant": other})
        assert by_htmx.status_code == 403
        assert other in by_htmx.headers["hx-trigger"]
        shown = await visitor.http.get("/rooms?part=list", headers={**_HTMX, "x-tenant": other})
        assert shown.status_code == 403
        assert {"refused", "stale"} == set(json.loads(shown.headers["hx-trigger"]))
        assert "<" not in shown.text
        assert (await visitor.http.get("/rooms?part=list", headers={**_HTMX, "x-tenant": tenant})).is_success
    assert await api.count("rooms") == 0
    assert (await visitor.send("/rooms", {"room_id": "standup", "of_tenant": "default"})).status_code == 303


async def test_whoever_chooses_another_tenant_stays_at_pages_of_that_kind(api: Api, visitor: Visitor) -> None:
    await api.key("acme")
    for was, then in (
        ("/recordings?state=failed", "/recordings"),
        ("/recordings/rec_1", "/recordings"),
        ("/rooms/standup", "/rooms"),
        ("/settings/keys", "/settings/keys"),
        ("/settings/other", "/settings"),
        ("/parts", "/"),
        ("/", "/"),
    ):
        at = {"referer": f"{api.http.base_url}".rstrip("/") + was}
        assert (await visitor.send("/tenant", {"tenant": "acme"}, **at)).headers["location"] == then, was


async def test_every_page_tells_in_its_bar_which_tenant_is_chosen_by_now(api: Api, visitor: Visitor) -> None:
    assert (await visitor.get("/tenant")).strip() == "", "there is nothing to choose"
    await api.key("acme")
    assert "<option selected>default</option>" in await visitor.get("/tenant")
    await visitor.send("/tenant", {"tenant": "acme"})
    assert "<option selected>acme</option>" in await visitor.get("/tenant")
    assert """hx-headers='{"x-tenant": ""}'""" in await visitor.get("/"), (
        "a page of another one is told as well"
    )


async def _rooms_of(visitor: Visitor, tenant: str) -> str:
    assert (await visitor.send("/tenant", {"tenant": tenant})).status_code == 303
    return await visitor.get("/rooms")


async def _seen_at_ms(api: Api) -> int:
    [row] = await api.platform._adapters.db.all("SELECT seen_at_ms FROM sessions")
    return int(row["seen_at_ms"])


async def test_a_page_that_nobody_is_at_does_not_prolong_the_session(api: Api, visitor: Visitor) -> None:
    before_ms = SystemClock().now_ms() - _AN_HOUR_MS
    async with api.platform._adapters.db.transaction() as tx:
        await tx.execute("UPDATE sessions SET seen_at_ms = :at", at=before_ms)
    for path in ("/parts", "/?part=now", "/rooms?part=list"):
        assert (await visitor.http.get(path, headers=_HTMX)).is_success
    async with visitor.http.stream("GET", "/live") as answer:
        assert answer.is_success
    assert (await visitor.http.get("/clips/clip_none/link")).status_code == 404
    assert await _seen_at_ms(api) == before_ms
    await visitor.get("/rooms")
    assert await _seen_at_ms(api) >= before_ms + _AN_HOUR_MS


async def test_work_for_another_tenant_is_no_news(api: Api, visitor: Visitor) -> None:
    del visitor
    await api.http.post("/v1/rooms", json={"roomId": "shelf"}, headers=await api.key("acme"))
    theirs = await Shelf(api).add(RecordingState.READY, tenant="acme")
    pulse = api.platform.services.overview.pulse
    before = {tenant: await pulse(tenant) for tenant in ("default", "acme")}
    async with api.platform._adapters.db.transaction() as tx:
        await tx.execute(_JOB, id=theirs.id, later=_LATER)
    assert await pulse("default") == before["default"]
    assert await pulse("acme") != before["acme"]


async def test_what_is_done_to_another_tenant_is_news_for_the_audit_log_of_all(
    api: Api, visitor: Visitor
) -> None:
    access, pulse = api.platform.services.access, api.platform.services.overview.pulse
    await access.create_tenant("acme")
    before = [await pulse("default", with_every_act=every) for every in (False, True)]
    await access.create_key("acme")
    after = [await pulse("default", with_every_act=every) for every in (False, True)]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False]
    assert " data-all>" in await visitor.get("/audit?all=1")
    assert " data-all>" not in await visitor.get("/audit")


async def test_every_page_hears_of_tenants_and_their_plans(api: Api, visitor: Visitor) -> None:
    del visitor
    access, pulse = api.platform.services.access, api.platform.services.overview.pulse
    heard = [await pulse("default")]
    await access.create_tenant("acme", "free")
    heard.append(await pulse("default"))
    await access.set_plan("acme", "growth")
    heard.append(await pulse("default"))
    assert len(set(heard)) == len(heard)
