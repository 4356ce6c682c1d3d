"""The compose bundle, the versions that are built natively, and `.env.example` agree."""

import re
from pathlib import Path

from rtcstack import __version__
from rtcstack.appliance.provision.versions import LIVEKIT

_ROOT = Path(__file__).parents[3]
_BUNDLE = ["docker-compose.yml", "deploy/ports.yml", "deploy/ports-domain.yml"]
_ELSEWHERE = {"RTCSTACK_BASE_IMAGE"} | {
    f"RTCSTACK_{name}IMAGE" for name in ("", "LIVEKIT_", "REDIS_", "MINIO_", "CADDY_", "LIVEKIT_EGRESS_")
}
"""Named in docs/operations/compose.md."""


def _text(*names: str) -> str:
    return "".join((_ROOT / name).read_text(encoding="utf-8") for name in names)


def test_the_bundle_runs_the_versions_that_the_native_appliance_builds() -> None:
    text = _text("docker-compose.yml")
    assert f"livekit/livekit-server:{LIVEKIT.version}}}" in text
    assert f"rtcstack/rtcstack:{__version__}}}" in text
    assert re.search(r"github.com/caddyserver/caddy/v2 v(\S+)", _text("deploy/caddy/go.mod"))[1] in text  # type: ignore[index]  # a failure is one


def test_the_example_names_every_variable_and_no_other() -> None:
    used = set(re.findall(r"\$\{(RTCSTACK_\w+)", _text(*_BUNDLE))) - _ELSEWHERE
    assert set(re.findall(r"^#(RTCSTACK_\w+)=", _text(".env.example"), re.MULTILINE)) == used


def test_no_secret_stands_in_the_bundle() -> None:
    assert not re.search(r"(?i)(password|secret|key)\w*: *[\w$]*[0-9a-f]{8}", _text(*_BUNDLE))
