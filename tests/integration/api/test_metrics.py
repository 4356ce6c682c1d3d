"""`/metrics`: who may read it, and that it shows what happens."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from rtcstack.domain.api_key import Scope
from rtcstack.settings import Settings
from tests.integration.api.conftest import Api, open_api

_FORWARDED = {
    "x-forwarded-for": "203.0.113.7",
    "forwarded": "for=203.0.113.7",
    "via": "1.1 proxy",
    "x-real-ip": "203.0.113.7",
    "host": "video.example.org",
}


async def _anonymous(api: Api, **headers: str) -> httpx.Response:
    """Call without a key."""
    request = api.http.build_request("GET", "/metrics", headers=headers)
    del request.headers["authorization"]
    return await api.http.send(request)


async def _sample(api: Api, name: str, **labels: str) -> float:
    page = (await _anonymous(api)).raise_for_status().text
    found = (s for family in text_string_to_metric_families(page) for s in family.samples)
    return sum(s.value for s in found if s.name == name and labels.items() <= s.labels.items())


async def test_this_machine_needs_no_key(api: Api) -> None:
    answer = await _anonymous(api)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'rtcstack_part_up{part="redis"} 1.0' in answer.text
    openmetrics = await _anonymous(api, accept="application/openmetrics-text")
    assert openmetrics.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert openmetrics.text.endswith("# EOF\n")


async def test_what_a_proxy_hands_on_is_not_of_this_machine(api: Api) -> None:
    for name, value in _FORWARDED.items():
        answer = await _anonymous(api, **{name: value})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "missing_key"), name


async def test_behind_a_proxy_a_key_is_asked_for_however_quiet_the_proxy_is(fresh: Settings) -> None:
    own = fresh.api.model_copy(update={"public_url": "https://video.example.org"})
    async with open_api(fresh.model_copy(update={"api": own})) as api:
        assert (await _anonymous(api)).status_code == 401
        key = await api.key(scope=Scope.METRICS)
        assert (await api.http.get("/metrics", headers=key)).status_code == 200


@pytest.mark.parametrize("scope", [Scope.READ, Scope.WRITE, Scope.ADMIN])
async def test_a_key_of_a_tenant_shows_no_figures_of_all(api: Api, scope: Scope) -> None:
    answer = await api.http.get("/metrics", headers=await api.key("acme", scope))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "scope_required")


async def test_the_operator_s_key_is_good_for_it(api: Api) -> None:
    _, text = await api.platform.services.access.create_key("default", is_operator=True)
    headers = {"authorization": f"Bearer {text}", **_FORWARDED}
    assert (await api.http.get("/metrics", headers=headers)).status_code == 200


async def test_a_key_for_metrics_is_good_for_nothing_else(api: Api) -> None:
    headers = {**await api.key(scope=Scope.METRICS), "idempotency-key": "1"}
    assert (await api.http.get("/metrics", headers={**headers, **_FORWARDED})).status_code == 200
    for method, path in (("GET", "/v1/rooms"), ("POST", "/v1/rooms"), ("GET", "/v1/settings/storage")):
        answer = await api.http.request(method, path, headers=headers, json={} if method == "POST" else None)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "scope_required"), path


async def test_a_call_counts_under_its_route_never_its_path(api: Api) -> None:
    name = "rtcstack_http_request_duration_seconds_count"
    before = await _sample(api, name, route="/v1/rooms/{room_id}", status="4xx")
    unknown = await _sample(api, name, route="(none)")
    for n in range(3):
        assert (await api.http.get(f"/v1/rooms/secret-{n}")).status_code == 404
        assert (await api.http.get(f"/no/such/secret-{n}")).status_code == 404
    assert await _sample(api, name, route="/v1/rooms/{room_id}", status="4xx") == before + 3
    assert await _sample(api, name, route="(none)") == unknown + 3
    assert "secret-" not in (await _anonymous(api)).text


async def test_the_caller_s_request_id_comes_back_if_it_is_sane(api: Api) -> None:
    for given in ("ab-1.x_Y", "a" * 64):
        for path in ("/v1/rooms/never-there", "/no/such/path"):
            answer = await api.http.get(path, headers={"x-request-id": given})
            assert answer.headers.get_list("x-request-id") == [given]
            assert answer.json()["error"]["request_id"] == given
    for given in ("", "a" * 65, "a b", "-a", "ä", 'a"b'):
        answer = await api.http.get("/no/such/path", headers={"x-request-id": given.encode()})
        made = answer.headers["x-request-id"]
        assert made.startswith("req_")
        assert answer.json()["error"]["request_id"] == made
