"""How the application is put together."""

from pathlib import Path

from litestar.routes import HTTPRoute

from rtcstack.app import create_app
from rtcstack.settings import load

_SECRETS = {"RTCSTACK_LIVEKIT__API_KEY": "k", "RTCSTACK_LIVEKIT__API_SECRET": "s"}


def test_no_request_starts_a_task_for_a_dependency(tmp_path: Path) -> None:
    app = create_app(load(_SECRETS, data=tmp_path))
    models = [
        model
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for _, model in route.route_handler_map.values()
    ]
    batches = [batch for model in models for batch in model.dependency_batches]
    assert max(len(model.dependency_batches) for model in models) > 1
    assert {len(batch) for batch in batches} == {1}
