"""`GET /v1/admin/audit`: who did what, over the API and by its workers."""

from typing import Any

from rtcstack.domain.recording import RecordingState
from tests.integration.api.conftest import Api
from tests.integration.api.library import Shelf


async def _operator(api: Api) -> dict[str, str]:
    _, text = await api.platform.services.access.create_key("ops", is_operator=True)
    return {"authorization": f"Bearer {text}"}


async def _audit(api: Api, **params: Any) -> dict[str, Any]:
    answer = await api.http.get("/v1/admin/audit", params=params, headers=await _operator(api))
    return dict(answer.raise_for_status().json())


async def test_only_the_operator_reads_it(api: Api) -> None:
    refused = await api.http.get("/v1/admin/audit")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "operator_required")
    without = await api.http.get("/v1/admin/audit", headers={"authorization": ""})
    assert without.status_code == 401


async def test_an_entry_names_the_key_the_address_and_the_request(api: Api) -> None:
    await api.http.post("/v1/rooms", json={"roomId": "room-abc"})
    recording = await Shelf(api).add(RecordingState.READY, "room-abc")
    key, text = await api.platform.services.access.create_key("default")
    headers = {"authorization": f"Bearer {text}"}
    link = await api.http.get(f"/api/v1/recordings/{recording.id}/download", headers=headers)
    gone = await api.http.delete(f"/api/v1/recordings/{recording.id}", headers=headers)
    made = await api.http.post(
        "/v1/webhooks", json={"url": "http://127.0.0.1:9/x?token=s3cr3t"}, headers=headers
    )
    assert [a.status_code for a in (link, gone, made)] == [200, 200, 201]
    found = (await _audit(api, tenant="default"))["data"][:3]
    by = {"type": "key", "key_id": key.id, "address": "127.0.0.1"}
    assert [(e["action"], e["object_id"], e["request_id"]) for e in found] == [
        ("webhook.create", made.json()["id"], made.headers["x-request-id"]),
        ("recording.delete", recording.id, gone.headers["x-request-id"]),
        ("recording.link", recording.id, link.headers["x-request-id"]),
    ]
    assert all(e["actor"] == by for e in found)
    assert "s3cr3t" not in str(found)
    assert made.json()["secret"] not in str(found)


async def test_what_was_refused_or_replayed_is_no_deed(api: Api) -> None:
    before = await api.count("audit_log")
    assert (await api.http.delete("/api/v1/recordings/rec_nobody")).status_code == 404
    assert (await api.http.delete("/v1/webhooks/whk_nobody")).status_code == 404
    bad = await api.http.post("/v1/webhooks", json={"url": "no url"})
    assert bad.status_code == 400
    assert await api.count("audit_log") == before
    keyed = {"idempotency-key": "order-7"}
    for _ in range(2):
        again = await api.http.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/"}, headers=keyed)
        assert again.status_code == 201
    assert await api.count("audit_log") == before + 1


async def test_pages_and_filters(api: Api) -> None:
    for name in ("a", "b", "c"):
        await api.key(name)
    page = await _audit(api, action="tenant.create", limit=2)
    rest = await _audit(api, action="tenant.create", cursor=page["next_cursor"])
    tenants = [e["tenant"] for e in (*page["data"], *rest["data"])]
    assert [t for t in tenants if t in "abc"] == ["c", "b", "a"]
    assert rest["next_cursor"] is None
    at = page["data"][0]["at"]
    assert (await _audit(api, since=at))["data"][-1]["id"] <= page["data"][0]["id"]
    one = page["data"][0]
    asked = {"action": "tenant.create", "tenant": one["tenant"], "object_id": one["object_id"]}
    assert (await _audit(api, **asked))["data"] == [one]
    assert (await _audit(api, **asked | {"object_id": "another"}))["data"] == []
    assert (await _audit(api, since="2999-01-01T00:00:00+01:00"))["data"] == []
    for wrong in ({"since": "yesterday"}, {"action": "no.such"}, {"limit": "0"}, {"cursor": "evt_1"}):
        answer = await api.http.get("/v1/admin/audit", params=wrong, headers=await _operator(api))
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["message"].startswith(next(iter(wrong)))
