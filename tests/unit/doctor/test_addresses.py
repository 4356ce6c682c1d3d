"""Addresses that lead callers nowhere, or that contradict each other."""

import pytest

from rtcstack.doctor.asking import Answer
from rtcstack.doctor.checks import addresses
from rtcstack.doctor.checks.addresses import Addresses
from rtcstack.doctor.finding import Level
from rtcstack.doctor.scene import hostname
from tests.unit.doctor.conftest import MakeScene

_PUBLIC = {
    "RTCSTACK_API__PUBLIC_URL": "https://video.example.org",
    "RTCSTACK_LIVEKIT__PUBLIC_URL": "wss://livekit.example.org",
    "RTCSTACK_STORAGE__PUBLIC_URL": "https://s3.example.org",
    "RTCSTACK_LIMITS__TRUSTED_PROXIES": '["127.0.0.1/32"]',
}


@pytest.mark.parametrize(
    ("changed", "level", "words"),
    [
        ({}, Level.OK, "agree"),
        ({"RTCSTACK_LIVEKIT__PUBLIC_URL": None}, Level.ERROR, "join tokens lead to ws://127.0.0.1:7880"),
        (
            {"RTCSTACK_STORAGE__PUBLIC_URL": None},
            Level.ERROR,
            "links to recordings lead to http://127.0.0.1:9000",
        ),
        (
            {"RTCSTACK_LIVEKIT__PUBLIC_URL": "ws://livekit.example.org"},
            Level.ERROR,
            "is ws://livekit.example.org",
        ),
        ({"RTCSTACK_STORAGE__PUBLIC_URL": "http://s3.example.org"}, Level.ERROR, "is http://s3.example.org"),
        ({"RTCSTACK_API__PUBLIC_URL": "http://video.example.org"}, Level.WARNING, "without TLS"),
        ({"RTCSTACK_LIMITS__TRUSTED_PROXIES": None}, Level.WARNING, "no proxy is trusted"),
    ],
)
def test_public_addresses_that_contradict_each_other(
    make_scene: MakeScene, changed: dict[str, str | None], level: Level, words: str
) -> None:
    environ = {name: value for name, value in {**_PUBLIC, **changed}.items() if value}
    [verdict] = addresses.agreement(make_scene(environ), Addresses())
    assert verdict.level is level
    assert words in verdict.seen


def test_an_api_that_listens_for_all_sends_nobody_to_loopback(make_scene: MakeScene) -> None:
    seen = [v.seen for v in addresses.agreement(make_scene({"RTCSTACK_API__HOST": "0.0.0.0"}), Addresses())]
    assert len(seen) == 3
    assert "join tokens lead to ws://127.0.0.1:7880, where they find nothing" in seen[0]
    scene = make_scene({"RTCSTACK_API__HOST": "0.0.0.0", "RTCSTACK_LIVEKIT__HOST": "0.0.0.0"})
    assert "join tokens lead to ws://0.0.0.0:7880" in next(addresses.agreement(scene, Addresses())).seen


def test_a_developers_own_machine_is_well(make_scene: MakeScene) -> None:
    assert [v.level for v in addresses.agreement(make_scene(), Addresses())] == [Level.OK]


async def test_a_name_that_leads_nowhere_is_told(make_scene: MakeScene) -> None:
    scene = make_scene({"RTCSTACK_LIVEKIT__NODE_IP": "nowhere.invalid"})
    [verdict] = addresses.names(scene, await addresses.look(scene))
    assert verdict.level is Level.ERROR
    assert verdict.seen == "nowhere.invalid leads to no address"


@pytest.mark.parametrize(
    ("node_ip", "level"),
    [("", Level.ERROR), ("10.0.0.5", Level.ERROR), ("127.0.0.1", Level.ERROR), ("8.8.4.4", Level.OK)],
)
def test_behind_a_router_the_public_address_has_to_be_told(
    make_scene: MakeScene, node_ip: str, level: Level
) -> None:
    environ = {**_PUBLIC, "RTCSTACK_LIVEKIT__HOST": "0.0.0.0"}
    resolved = {"livekit.example.org": "8.8.4.4", **({node_ip: node_ip} if node_ip else {})}
    scene = make_scene({**environ, **({"RTCSTACK_LIVEKIT__NODE_IP": node_ip} if node_ip else {})})
    [verdict] = addresses.media(scene, Addresses(resolved, outgoing="10.0.0.5"))
    assert verdict.level is level
    if level is Level.ERROR:
        assert "RTCSTACK_LIVEKIT__NODE_IP=8.8.4.4" in verdict.cure


@pytest.mark.parametrize("node_ip", ["", "10.0.0.5", "8.8.4.4"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_a_livekit_on_loopback_has_nobodys_sound_and_picture(
    make_scene: MakeScene, node_ip: str, host: str
) -> None:
    environ = {**_PUBLIC, "RTCSTACK_LIVEKIT__HOST": host}
    resolved = {"livekit.example.org": "8.8.4.4", **({node_ip: node_ip} if node_ip else {})}
    scene = make_scene({**environ, **({"RTCSTACK_LIVEKIT__NODE_IP": node_ip} if node_ip else {})})
    [verdict] = addresses.media(scene, Addresses(resolved, outgoing="10.0.0.5"))
    assert verdict.level is Level.ERROR
    assert "RTCSTACK_LIVEKIT__HOST=0.0.0.0" in verdict.cure
    assert ("RTCSTACK_LIVEKIT__NODE_IP=8.8.4.4" in verdict.cure) is (node_ip != "8.8.4.4")
    at_a_public_one = [
        *addresses.media(make_scene(environ), Addresses({"livekit.example.org": "8.8.4.4"}, "8.8.4.4"))
    ]
    assert ["NODE_IP=" in verdict.cure for verdict in at_a_public_one] == [False]


def test_what_the_cure_says_is_well_afterwards(make_scene: MakeScene) -> None:
    cured = {**_PUBLIC, "RTCSTACK_LIVEKIT__HOST": "0.0.0.0", "RTCSTACK_LIVEKIT__NODE_IP": "8.8.4.4"}
    resolved = {"livekit.example.org": "8.8.4.4", "8.8.4.4": "8.8.4.4"}
    [verdict] = addresses.media(make_scene(cured), Addresses(resolved, outgoing="10.0.0.5"))
    assert (verdict.level, verdict.seen) == (Level.OK, "sound and picture at 8.8.4.4")


def test_in_an_office_of_private_addresses_nothing_is_amiss(make_scene: MakeScene) -> None:
    scene = make_scene({**_PUBLIC, "RTCSTACK_LIVEKIT__HOST": "0.0.0.0"})
    office = Addresses({"livekit.example.org": "10.0.0.5"}, outgoing="10.0.0.5")
    assert [v.level for v in addresses.media(scene, office)] == [Level.OK]


def test_an_edge_that_does_not_hand_on_is_told_while_the_api_answers(make_scene: MakeScene) -> None:
    edge = Answer("https://video.example.org/healthz", 502)
    scene = make_scene(_PUBLIC, answers={"api": Answer("http://api/readyz", 200), "public": edge})
    [verdict] = addresses.edge(scene, Addresses())
    assert verdict.level is Level.ERROR
    assert "https://video.example.org/healthz answered 502" in verdict.seen
    down = make_scene(_PUBLIC, answers={"api": Answer("http://api/readyz", error="is down"), "public": edge})
    assert list(addresses.edge(down, Addresses())) == []


def test_without_an_interface_the_commands_that_make_one_are_told(make_scene: MakeScene) -> None:
    [verdict] = addresses.interface(make_scene(), Addresses(has_interface=False))
    assert verdict.level is Level.ERROR
    assert "  sudo ip link add rtc0" in verdict.cure


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://a.example:8443/x", "a.example"),
        ("ws://[::1]:7880", "::1"),
        ("http://u:p@h", "h"),
        (None, ""),
    ],
)
def test_hosts_of_urls(url: str | None, host: str) -> None:
    assert hostname(url) == host
