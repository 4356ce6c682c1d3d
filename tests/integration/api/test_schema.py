"""Every route is called with what its schema allows and with what it does not: `schemathesis` over the whole document."""

import asyncio

from tests.integration.api.conftest import Api
from tests.integration.api.fuzzing import exercise_all, known_ids

_EXAMPLES = 20


async def test_every_route_keeps_to_its_schema_whatever_it_is_sent(api: Api) -> None:
    document = (await api.http.get("/schema/openapi.json")).raise_for_status().json()
    url, key = str(api.http.base_url), api.http.headers["authorization"]
    called = await asyncio.to_thread(exercise_all, url, document, await known_ids(api), key, _EXAMPLES)
    assert len(called) > 30


async def test_every_route_but_those_of_health_wants_a_key(api: Api) -> None:
    document = (await api.http.get("/schema/openapi.json")).raise_for_status().json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            answer = await api.http.request(method, path, headers={"authorization": ""})
            if operation.get("security") == []:
                assert str(answer.status_code) in operation["responses"]
            else:
                assert (answer.status_code, answer.json()["error"]["code"]) == (401, "missing_key"), path
