from pathlib import Path

from rtcstack.demo.plan import Plan, api_url


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


def test_in_a_container_loopback_addresses_are_reached_at_the_edge(tmp_path: Path) -> None:
    plan = Plan(api_url="http://127.0.0.1:8080", data=tmp_path, bucket="b", edge="caddy")
    there, headers = plan.reached("http://127.0.0.1:9000/b/k.mp4?X-Amz-Signature=s")
    assert there == "http://caddy:9000/b/k.mp4?X-Amz-Signature=s"
    assert headers == {"Host": "127.0.0.1:9000"}
    assert plan.reached("https://s3.example.org/b") == ("https://s3.example.org/b", {})


def test_without_an_edge_addresses_are_what_they_are(tmp_path: Path) -> None:
    plan = Plan(api_url="http://127.0.0.1:8080", data=tmp_path, bucket="b")
    assert plan.reached("ws://127.0.0.1:7880") == ("ws://127.0.0.1:7880", {})
