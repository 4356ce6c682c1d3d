"""`/v1/settings/storage` against a real MinIO, whose users are limited by policies."""

from functools import partial
from typing import Any

import pytest

from rtcstack.domain.api_key import Scope
from tests.integration.api.conftest import Api, open_api
from tests.support.own_bucket import FULL, PUT_ONLY, OwnBucket, make_own_bucket
from tests.support.ports import free_port

_PATH = "/v1/settings/storage"
_PROBE = "rtcstack-check.txt"
_CANARY = "CANARY-s3cr3t-of-a-tenant"


def _own(api: Api, name: str, *actions: str) -> OwnBucket:
    return make_own_bucket(api.settings.storage, name, *actions, secret=f"{_CANARY}-{name}")


def _field(error: dict[str, Any]) -> str:
    """Return what is said to be wrong."""
    [fault] = error["details"]["fields"]
    return str(fault["field"])


async def _refused(api: Api, body: dict[str, Any], path: str = _PATH) -> dict[str, Any]:
    answer = await api.http.put(path, json=body)
    assert answer.status_code == 400, answer.text
    assert _CANARY not in answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


async def test_a_bucket_is_set_shown_without_its_secret_and_unset(api: Api) -> None:
    own = _own(api, "settings-full")
    assert (await api.http.get(_PATH)).status_code == 404
    answer = await api.http.put(_PATH, json=own.body(prefix="relay/recordings"))
    shown = answer.raise_for_status().json()
    assert (await api.http.get(_PATH)).json() == shown
    assert shown["secret_access_key"] == "****"
    assert (shown["bucket"], shown["prefix"], shown["provider"]) == (
        "settings-full",
        "relay/recordings/",
        "minio",
    )
    assert (shown["may_read"], shown["may_delete"], shown["path_style"]) == (True, True, True)
    assert own.keys() == []  # the check has cleaned up behind itself
    assert (await api.http.delete(_PATH)).json() == {"deleted": True}
    assert [(await api.http.get(_PATH)).status_code, (await api.http.delete(_PATH)).status_code] == [404, 404]
    assert (await api.http.post(f"{_PATH}/test")).json()["error"]["code"] == "storage_not_found"


async def test_a_key_that_may_only_put_is_enough_and_what_it_may_is_found_out_again(api: Api) -> None:
    own = _own(api, "settings-put", *PUT_ONLY)
    shown = (await api.http.put(_PATH, json=own.body())).raise_for_status().json()
    assert (shown["may_read"], shown["may_delete"]) == (False, False)
    assert own.keys() == [_PROBE]  # it cannot be deleted, and the next check writes over it
    own.allow(*FULL)
    shown = (await api.http.post(f"{_PATH}/test")).raise_for_status().json()
    assert (shown["may_read"], shown["may_delete"]) == (True, True)
    assert own.keys() == []
    own.allow("s3:GetObject")
    answer = await api.http.post(f"{_PATH}/test")
    assert (answer.status_code, answer.json()["error"]["details"]["s3_code"]) == (400, "AccessDenied")


async def test_what_is_wrong_with_a_bucket_is_said_in_the_stores_words(api: Api) -> None:
    own = _own(api, "settings-wrong")
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"access_key_id": "nobody"}, "access_key_id", "InvalidAccessKeyId"),
        ({"secret_access_key": f"{_CANARY}-not"}, "secret_access_key", "SignatureDoesNotMatch"),
        ({"bucket": "settings-there-is-none"}, "bucket", "NoSuchBucket"),
        ({"region": "eu-west-9"}, "region", "AuthorizationHeaderMalformed"),
    ]
    own.allow(*FULL)
    everything = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"]}],
    }
    own._admin.policy_add(f"policy-{own.access_key_id}", policy=everything)
    for other, field, code in cases:
        error = await _refused(api, own.body(**other))
        assert error["code"] == "storage_check_failed", error
        assert (_field(error), error["details"]["s3_code"]) == (field, code), error
        assert code in error["message"]
    wrong_region = await _refused(api, own.body(region="eu-west-9"))
    assert wrong_region["details"]["region"] == own.region
    assert own.region in wrong_region["message"]
    own.allow("s3:GetObject")
    denied = await _refused(api, own.body())
    assert denied["details"]["s3_code"] == "AccessDenied"
    assert (await api.http.get(_PATH)).status_code == 404  # nothing of all that was kept


async def test_endpoints_that_cannot_be(api: Api) -> None:
    own = _own(api, "settings-endpoints")
    port = free_port()
    nobody = await _refused(api, own.body(endpoint=f"http://127.0.0.1:{port}"))
    assert nobody["message"] == f"The endpoint cannot be reached: nobody listens at 127.0.0.1:{port}"
    livekit = api.settings.livekit
    no_store = await _refused(api, own.body(endpoint=f"http://127.0.0.1:{livekit.port}"))
    assert _field(no_store) == "endpoint"
    no_tls = await _refused(api, own.body(endpoint=own.endpoint.replace("http:", "https:")))
    assert _field(no_tls) == "endpoint"
    no_name = await _refused(api, own.body(endpoint="https://no-such-name.invalid"))
    assert _field(no_name) == "endpoint"


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "192.168.1.1:9000", "169.254.169.254", "[fd00::1]", "[::ffff:10.0.0.1]", "0.0.0.0"],
)
async def test_private_networks_are_refused(api: Api, address: str) -> None:
    own = _own(api, "settings-guard")
    error = await _refused(api, own.body(endpoint=f"http://{address}"))
    assert "RTCSTACK_STORAGE__ALLOW_NETWORKS" in error["message"]


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"bucket": "UPPER"}, "bucket"),
        ({"bucket": "a/../b"}, "bucket"),
        ({"endpoint": "ftp://x"}, "endpoint"),
        ({"endpoint": "https://user:pw@x"}, "endpoint"),
        ({"endpoint": "https://x/some/path"}, "endpoint"),
        ({"endpoint": "http://x:99999"}, "endpoint"),
        ({"region": "Not A Region"}, "region"),
        ({"endpoint": None, "region": None}, "region"),
        ({"prefix": "../up"}, "prefix"),
        ({"prefix": "/absolute"}, "prefix"),
        ({"prefix": "a/{room_name}"}, "prefix"),
        ({"prefix": "a\nb"}, "prefix"),
        ({"secret_access_key": "ends with a line break\n"}, "secret_access_key"),
        ({"secret_access_key": "****"}, "secret_access_key"),
        ({"access_key_id": "with,comma"}, "access_key_id"),
        ({"access_key_id": ""}, "access_key_id"),
        ({"path_style": "yes"}, "path_style"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_bad_fields_are_named(api: Api, other: dict[str, Any], field: str) -> None:
    own = {"bucket": "b-1", "endpoint": "http://127.0.0.1:9", "access_key_id": "k", "secret_access_key": "s"}
    error = await _refused(api, {**own, **other})
    assert _field(error) == field, error


async def test_only_keys_of_scope_admin_see_or_change_it(api: Api) -> None:
    body = _own(api, "settings-scope").body()
    for scope in (Scope.READ, Scope.WRITE):
        ask = partial(api.http.request, headers=await api.key(scope=scope))
        for answer in (
            await ask("GET", _PATH),
            await ask("PUT", _PATH, json=body),
            await ask("DELETE", _PATH),
            await ask("POST", f"{_PATH}/test"),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "scope_required")


async def test_each_tenant_has_its_own(api: Api) -> None:
    mine = (await api.http.put(_PATH, json=_own(api, "settings-mine").body())).raise_for_status().json()
    theirs = await api.key("acme")
    assert (await api.http.get(_PATH, headers=theirs)).status_code == 404
    await api.http.put(_PATH, json=_own(api, "settings-theirs").body(), headers=theirs)
    assert (await api.http.get(_PATH)).json() == mine


async def test_without_a_bucket_of_its_own_nothing_is_recorded_where_that_is_asked_for(api: Api) -> None:
    own_only = api.settings.model_copy(
        update={"storage": api.settings.storage.model_copy(update={"require_own": True})}
    )
    async with open_api(own_only) as strict:
        (await strict.http.post("/v1/rooms", json={"roomId": "own"})).raise_for_status()
        for answer in (
            await strict.http.post("/v1/halls", json={"name": "x", "record": True}),
            await strict.http.post("/v1/rooms/own/recording/start"),
            await strict.http.post("/api/v1/rooms/own/recordings/start"),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (409, "storage_not_configured")
        assert await strict.left_behind() == 0
