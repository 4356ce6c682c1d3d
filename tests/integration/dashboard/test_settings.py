"""What is set in the pages: a tenant's retention, the names of keys, and the appliance's bucket that is tested."""

import re

from rtcstack.dashboard.rules import kept_of, rules
from rtcstack.domain.tenant import FOR_EVER
from rtcstack.services.storage.settings import PROBE_NAME
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf
from tests.support.dashboard import Visitor

_HTMX = {"hx-request": "true"}


async def _retention(api: Api) -> int | None:
    [tenant] = [one for one in await api.platform.services.access.list_tenants() if one.id == "default"]
    return tenant.deleted_retention_days


async def test_a_tenants_retention_is_set_and_given_up(api: Api, visitor: Visitor) -> None:
    here = "/settings/rules"
    for_ever = "kept for ever, so no storage is freed"
    for form, days, checked, then in (
        ({"kept": "days", "days": "14"}, 14, "days", "purged after 14 days"),
        ({"kept": "for_ever"}, FOR_EVER, "for_ever", for_ever),
        ({"kept": "default"}, None, "default", for_ever),
    ):
        assert (await visitor.send(here, form)).headers["location"] == here
        assert await _retention(api) == days
        assert await kept_of(api.platform.services.access, rules(api.settings), "default") == then
        page = await visitor.get(here)
        assert f'name="kept" value="{checked}" checked' in page
        assert ('value="14"' in page) == (days == 14)
    assert 'id="rules" hx-get="/settings/rules" hx-trigger="live from:body"' in page
    stays = await visitor.send(here, {"kept": "default"}, **_HTMX)
    assert (stays.status_code, "hx-redirect" in stays.headers) == (204, False)
    refused = await visitor.send(here, {"kept": "days"}, **_HTMX)
    assert refused.status_code == 400
    assert "After how many days?" in refused.headers["hx-trigger"]
    assert '<th scope="row">Tenant: retention set</th>' in await visitor.get("/audit")


async def test_a_key_is_told_by_its_name(api: Api, visitor: Visitor) -> None:
    made = await visitor.send("/settings/keys", {"scope": "write", "name": "The <relay>"})
    key = re.search(r"rtc_live_\w+", made.text)
    assert key is not None
    assert "<strong>The &lt;relay&gt;</strong>" in await visitor.get("/settings/keys")
    await api.http.post("/v1/rooms", json={"roomId": "standup"})
    closed = await api.http.delete("/v1/rooms/standup", headers={"authorization": f"Bearer {key[0]}"})
    assert closed.is_success, closed.text
    assert "key The &lt;relay&gt;" in await visitor.get("/audit?action=room.close")
    refused = await visitor.send("/settings/keys", {"scope": "write", "name": "x" * 65}, **_HTMX)
    assert refused.status_code == 400


async def test_the_appliances_bucket_is_tested_by_using_it(api: Api, visitor: Visitor) -> None:
    page = await visitor.get("/settings/storage")
    assert api.settings.storage.bucket in page
    assert api.settings.storage.cold_bucket in page
    tested = await visitor.send("/settings/storage/test-shared", **_HTMX)
    assert tested.status_code == 204
    assert "an object was put, read and deleted" in tested.headers["hx-trigger"]
    assert PROBE_NAME not in Shelf(api).keys(api.settings.storage.bucket)
