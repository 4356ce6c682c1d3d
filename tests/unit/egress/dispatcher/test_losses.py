"""What is missing follows from the spans, without what was paused."""

from rtcstack.domain.loss import Gap
from rtcstack.egress.dispatcher.course import PartLost, Paused, Resumed
from rtcstack.egress.dispatcher.journal import Entry, Facts, Recorded, StopAsked, Stored
from rtcstack.egress.dispatcher.losses import gaps_of, is_recovered
from rtcstack.egress.job import Span

_S = 1_000_000_000
_SPANS = (Span(100 * _S, 0), Span(112 * _S, 10_000, "loss"))


def _stored(spans: tuple[Span, ...] = _SPANS, *, recovered: bool = True) -> Stored:
    """A file of fifteen seconds."""
    ended_ns = spans[-1].wall_ns + (15_000 - spans[-1].pts_ms) * 1_000_000
    return Stored(1, 15_000, "", "", spans[0].wall_ns, ended_ns, recovered, spans)


def _facts(*entries: Entry) -> Facts:
    facts = Facts()
    for entry in entries:
        facts.apply(entry)
    return facts


def test_between_two_parts_the_wall_time_between_their_spans_is_missing() -> None:
    facts = _facts(PartLost(111 * _S, None), StopAsked("", 117 * _S), Recorded(117 * _S, "stopped"))
    assert gaps_of(_stored(), facts) == (Gap(10_000, 2000),)
    assert is_recovered(_stored(recovered=False), facts)


def test_what_was_paused_is_not_missing() -> None:
    pause = (Paused(110 * _S + _S // 2), Resumed(112 * _S))
    assert gaps_of(_stored(), _facts(*pause, StopAsked("", 117 * _S))) == (Gap(10_000, 500),)
    spans = (Span(100 * _S, 0), Span(112 * _S, 10_000, "pause"))
    assert gaps_of(_stored(spans), _facts(Paused(110 * _S), Resumed(112 * _S))) == ()


def test_at_the_end_it_is_what_passed_until_the_stop_or_until_the_death_was_noticed() -> None:
    spans = (Span(100 * _S, 0),)
    died = Recorded(120 * _S, None)
    assert gaps_of(_stored(spans), _facts(died)) == (Gap(15_000, 5000),)
    assert gaps_of(_stored(spans), _facts(StopAsked("", 116 * _S), died)) == (Gap(15_000, 1000),)
    assert gaps_of(_stored(spans), _facts(Paused(115 * _S), died)) == ()


def test_the_end_of_one_that_was_cut_off_for_good_is_missing() -> None:
    stored = _stored((Span(100 * _S, 0),), recovered=False)
    cut_off = _facts(Recorded(118 * _S, "connection_lost"))
    assert is_recovered(stored, cut_off)
    assert gaps_of(stored, cut_off) == (Gap(15_000, 3000),)


def test_what_a_recorder_takes_to_close_its_file_is_not_missing() -> None:
    """A recorder died before, and the last one ended in order, by itself: nobody asked it to stop."""
    for reason in ("room_closed", "source_gone", "limit_reached", "disk_full"):
        facts = _facts(PartLost(111 * _S, None), Recorded(118 * _S, reason))
        assert gaps_of(_stored(), facts) == (Gap(10_000, 2000),)


def test_the_end_of_a_file_that_could_not_be_closed_is_missing() -> None:
    facts = _facts(StopAsked("", 117 * _S), Recorded(118 * _S, "stopped", "OSError(5, 'Input/output error')"))
    assert gaps_of(_stored((Span(100 * _S, 0),)), facts) == (Gap(15_000, 2000),)


def test_one_that_ended_as_it_should_lacks_nothing() -> None:
    stored = _stored((Span(100 * _S, 0),), recovered=False)
    facts = _facts(StopAsked("", 116 * _S), Recorded(117 * _S, "stopped"))
    assert gaps_of(stored, facts) == ()
    assert not is_recovered(stored, facts)
