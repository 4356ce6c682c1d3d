from pathlib import Path

from rtcstack.demo.plan import api_url


def test_the_running_appliance_says_where_its_api_is(tmp_path: Path) -> None:
    state = tmp_path / "run" / "state.json"
    state.parent.mkdir()
    state.write_text('{"addresses": {"api": "http://127.0.0.1:9999"}}')
    assert api_url(tmp_path, "http://127.0.0.1:8080") == "http://127.0.0.1:9999"


def test_without_one_it_is_where_the_settings_say(tmp_path: Path) -> None:
    assert api_url(tmp_path, "http://127.0.0.1:8080") == "http://127.0.0.1:8080"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "state.json").write_text("half a")
    assert api_url(tmp_path, "http://127.0.0.1:8080") == "http://127.0.0.1:8080"
