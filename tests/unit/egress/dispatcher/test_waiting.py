from livekit.protocol.egress import EgressInfo

from rtcstack.egress.dispatcher import info as infos
from rtcstack.egress.dispatcher.waiting import Waiting

_REFUSED = "the store refused b/a.mp4: wrong; wrong (SignatureDoesNotMatch)"
_TOLD = "upload waits: the store refused b/a.mp4: wrong, wrong (SignatureDoesNotMatch)"


def test_what_keeps_a_file_waiting_is_told_once() -> None:
    waiting, info = Waiting(), EgressInfo()
    assert not waiting.lasts
    assert waiting.note(info, _REFUSED)
    assert (info.details, waiting.lasts) == (_TOLD, True)
    assert not waiting.note(info, _REFUSED)
    assert not waiting.note(info, "the store does not answer"), "other words, but too soon"
    assert info.details == _TOLD


def test_it_is_taken_back_once_nothing_keeps_it_waiting_and_may_be_told_again() -> None:
    waiting, info = Waiting(), EgressInfo()
    infos.add_detail(info, "something else")
    assert not waiting.end(info), "nothing had been said"
    waiting.note(info, _REFUSED)
    changed_ns = info.updated_at
    assert waiting.end(info)
    assert (info.details, waiting.lasts) == ("something else", False)
    assert info.updated_at > changed_ns, "LiveKit takes the newest"
    assert not waiting.end(info)
    assert waiting.note(info, _REFUSED)
    assert info.details == f"something else; {_TOLD}"


def test_words_that_an_earlier_worker_told_are_taken_back_as_well() -> None:
    info = EgressInfo(details=_TOLD)
    assert not Waiting().note(info, _REFUSED), "LiveKit has them"
    assert Waiting().end(info)
    assert info.details == ""
