import hashlib
import sys
from pathlib import Path

import pytest

from rtcstack.settings import SettingsError, load
from rtcstack.settings.model_file import check_model

_ON = "RTCSTACK_MODERATION__PROVIDER"
_LOCAL = {
    _ON: "local",
    "RTCSTACK_MODERATION__MODEL": "nsfw.onnx",
    "RTCSTACK_MODERATION__MODEL_SHA256": "0" * 64,
}
_GOOGLE = {_ON: "google", "RTCSTACK_MODERATION__CREDENTIALS": '{"private_key": "CANARY"}'}


def test_it_is_off_unless_set() -> None:
    assert not load({}).moderation.is_on
    assert load(_LOCAL).moderation.is_on
    assert load(_GOOGLE).moderation.is_on


def test_labels_are_given_as_json() -> None:
    given = {"RTCSTACK_MODERATION__LABELS": '["drawings", "porn"]', "RTCSTACK_MODERATION__SAFE_LABELS": "[]"}
    moderation = load(_LOCAL | given).moderation
    assert (moderation.labels, moderation.safe_labels) == (("drawings", "porn"), ())


def test_credentials_come_from_a_file_and_are_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "google.json"
    file.write_text('{"private_key": "CANARY"}', encoding="utf-8")
    moderation = load({_ON: "google", "RTCSTACK_MODERATION__CREDENTIALS_FILE": str(file)}).moderation
    assert moderation.credentials.get_secret_value() == '{"private_key": "CANARY"}'
    assert "CANARY" not in repr(moderation)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        (
            {_ON: "local"},
            "PROVIDER: .*RTCSTACK_MODERATION__MODEL and RTCSTACK_MODERATION__MODEL_SHA256 missing",
        ),
        (_LOCAL | {"RTCSTACK_MODERATION__MODEL_SHA256": "abc"}, "RTCSTACK_MODERATION__MODEL_SHA256"),
        ({_ON: "google"}, "PROVIDER: .*RTCSTACK_MODERATION__CREDENTIALS .*is missing"),
        (
            _GOOGLE | {"RTCSTACK_MODERATION__ENDPOINT": "http://example.org"},
            "PROVIDER: .*https:// unless it is on loopback",
        ),
        (_GOOGLE | {"RTCSTACK_MODERATION__ENDPOINT": "example.org"}, "RTCSTACK_MODERATION__ENDPOINT"),
        ({"RTCSTACK_MODERATION__THRESHOLD": "1.1"}, "RTCSTACK_MODERATION__THRESHOLD"),
        ({"RTCSTACK_MODERATION__INTERVAL_S": "0.5"}, "RTCSTACK_MODERATION__INTERVAL_S"),
        ({"RTCSTACK_MODERATION__STD": "0"}, "RTCSTACK_MODERATION__STD"),
        ({_ON: "azure"}, _ON),
    ],
)
def test_what_does_not_go_together_is_told(environ: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as refused:
        load(environ)
    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"])
def test_a_server_on_loopback_needs_no_credentials(endpoint: str) -> None:
    assert load({_ON: "google", "RTCSTACK_MODERATION__ENDPOINT": endpoint}).moderation.is_on


@pytest.mark.parametrize(
    ("environ", "module", "extra"),
    [(_LOCAL, "onnxruntime", "moderation"), (_GOOGLE, "google.cloud.videointelligence_v1", "google")],
)
def test_a_missing_extra_is_told(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], module: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    with pytest.raises(SettingsError, match=rf"PROVIDER: .*pip install 'rtcstack\[{extra}\]'"):
        load(environ)


def test_a_start_wants_the_very_model_that_was_meant(tmp_path: Path) -> None:
    file = tmp_path / "nsfw.onnx"
    asked = {**_LOCAL, "RTCSTACK_MODERATION__MODEL": str(file)}
    with pytest.raises(SettingsError, match=r"MODEL: cannot read .*nsfw\.onnx: No such file"):
        check_model(load(asked).moderation)
    file.write_bytes(b"a model")
    digest = hashlib.sha256(b"a model").hexdigest()
    with pytest.raises(
        SettingsError, match=f"MODEL_SHA256: .* has the SHA-256 {digest}, the setting says 0000"
    ):
        check_model(load(asked).moderation)
    check_model(load(asked | {"RTCSTACK_MODERATION__MODEL_SHA256": digest}).moderation)
    check_model(load(_GOOGLE).moderation)
