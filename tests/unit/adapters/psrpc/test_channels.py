"""Expected names are those that psrpc's own tests and a real LiveKit use."""

import pytest

from rtcstack.adapters.psrpc import channels


def test_an_empty_topic_leaves_no_gap() -> None:
    assert channels.requests("EgressInternal", "StartEgress", "") == "EgressInternal|StartEgress|REQ"


def test_a_topic_stands_before_the_kind() -> None:
    assert (
        channels.claim_answers("EgressHandler", "StopEgress", "EG_a1")
        == "EgressHandler|StopEgress|EG_a1|RCLAIM"
    )


def test_channels_of_a_client() -> None:
    assert channels.claims("IOInfo", "CLI_x") == "IOInfo|CLI_x|CLAIM"
    assert channels.responses("IOInfo", "CLI_x") == "IOInfo|CLI_x|RES"


@pytest.mark.parametrize(
    ("part", "written"),
    [
        ("É", "u+00c9"),
        ("软件", "u+8f6fu+4ef6"),
        ("🚀_", "U+0001f680_"),
        ("a-b.c|d", "au+002dbu+002ecu+007cd"),
    ],
)
def test_special_characters_become_their_code_points(part: str, written: str) -> None:
    assert channels.channel(part, "END") == f"{written}|END"
