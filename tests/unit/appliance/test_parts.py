"""Every part listens on loopback by default, and no secret reaches a command line."""

from pathlib import Path

from rtcstack.appliance import busy_ports
from rtcstack.appliance.parts import Programs, all_parts, all_ports, stop_plan
from rtcstack.appliance.parts.part import Part
from rtcstack.appliance.secrets import make_missing
from rtcstack.settings import SECRETS, Settings, load

_PROGRAMS = Programs(
    redis=Path("/bin/redis-server"), minio=Path("/bin/minio"), livekit=Path("/bin/livekit-server")
)
_ENVIRON = {"PATH": "/usr/bin", "RTCSTACK_LOG__LEVEL": "info", "MINIO_ROOT_USER": "from outside"}


def _settings(data: Path, **environ: str) -> Settings:
    make_missing(load(environ, data=data))
    return load(environ, data=data)


def _part(parts: list[Part], name: str) -> Part:
    return next(part for part in parts if part.name == name)


def test_no_secret_is_on_a_command_line(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    words = " ".join(word for part in all_parts(settings, _ENVIRON, _PROGRAMS) for word in part.argv)
    for section, name in SECRETS:
        assert getattr(getattr(settings, section), name).get_secret_value() not in words


def test_foreign_parts_get_none_of_our_settings(tmp_path: Path) -> None:
    parts = all_parts(_settings(tmp_path), _ENVIRON, _PROGRAMS)
    for name in ("redis", "minio", "livekit"):
        environment = _part(parts, name).environment
        assert not [key for key in environment if key.startswith("RTCSTACK_")]
        assert environment["PATH"] == "/usr/bin"
    assert _part(parts, "minio").environment["MINIO_ROOT_USER"] != "from outside"


def test_everything_is_on_loopback_and_every_port_names_its_setting(tmp_path: Path) -> None:
    parts = all_parts(_settings(tmp_path), _ENVIRON, _PROGRAMS)
    ports = [port for part in parts for port in part.ports]
    assert {port.host for port in ports} == {"127.0.0.1"}
    asked = {port.setting: port.number for port in ports}
    environ = {setting: str(number + 1) for setting, number in asked.items()}
    moved = all_parts(_settings(tmp_path, **environ), _ENVIRON, _PROGRAMS)
    assert {port.setting: port.number - 1 for part in moved for port in part.ports} == asked


def test_livekit_for_one_machine_offers_loopback_only(tmp_path: Path) -> None:
    (config,) = _part(all_parts(_settings(tmp_path), _ENVIRON, _PROGRAMS), "livekit").files.values()
    assert 'node_ip: "127.0.0.1"' in config
    assert "includes: [lo]" in config
    assert 'urls: ["http://127.0.0.1:8080/hooks/livekit"]' in config


def test_livekit_listening_everywhere_offers_what_it_finds(tmp_path: Path) -> None:
    settings = _settings(tmp_path, RTCSTACK_LIVEKIT__HOST="0.0.0.0", RTCSTACK_API__HOST="0.0.0.0")
    (config,) = _part(all_parts(settings, _ENVIRON, _PROGRAMS), "livekit").files.values()
    assert 'bind_addresses: ["0.0.0.0"]' in config
    assert 'node_ip: ""' in config
    assert "enable_loopback_candidate: false" in config
    assert 'urls: ["http://127.0.0.1:8080/hooks/livekit"]' in config


def test_whoever_stops_the_appliance_gives_every_part_the_time_it_asks_for(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    plan = stop_plan(settings)
    everything = {part.name: part.stop for part in all_parts(settings, _ENVIRON, _PROGRAMS)}
    assert {name: plan.rule(name) for name in everything} == everything


def test_a_port_is_told_by_the_place_where_it_was_set(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[api]\nport = 7001\n[redis]\nport = 7001\n")
    ports = all_ports(load({"RTCSTACK_CONFIG": str(file), "RTCSTACK_REDIS__PORT": "7001"}))
    asked = busy_ports.twice(port for name in ("redis", "api") for port in ports[name])
    assert asked == [f"RTCSTACK_REDIS__PORT and api.port in {file} both ask for port 7001/tcp"]
