import pytest
from livekit.protocol.egress import EgressInfo, EgressStatus, FileInfo

from rtcstack.domain import notes
from rtcstack.egress.dispatcher import outcome
from rtcstack.egress.dispatcher.course import PartLost
from rtcstack.egress.dispatcher.journal import Entry, Facts, FirstFrame, Made, Recorded, StopAsked, Stored
from rtcstack.egress.job import EndReason, Lacks, Reduced, Span


def _facts(*entries: Entry) -> Facts:
    facts = Facts()
    for entry in entries:
        facts.apply(entry)
    return facts


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ((StopAsked("StopEgress API"), Recorded(1, "stopped")), "StopEgress API"),
        ((StopAsked("Worker stopped"), Recorded(1, None)), "Worker stopped"),
        ((Recorded(1, "room_closed"),), "Source closed"),
        ((Recorded(1, "stopped"),), "Failure"),
        ((Recorded(1, None),), "Process killed"),
        ((), "Process killed"),
        ((Recorded(1, "disk_full"),), "Disk full"),
    ],
)
def test_the_end_has_livekits_words(entries: tuple[Entry, ...], words: str) -> None:
    assert outcome.end_reason(_facts(*entries)) == words


@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        (Recorded(1, "stopped"), None),
        (Recorded(1, None), "the recorder died"),
        (Recorded(1, "control_lost"), "recovered after the worker was killed"),
        (Recorded(1, "disk_full"), "the recording ends early: the disk of the Egress worker was full"),
        (Recorded(1, "connection_lost"), notes.CONNECTION_LOST),
        (Recorded(1, "connection_lost", "cannot join: no"), "the recorder reported: cannot join: no"),
        (Recorded(1, "error", "encoder: no"), "the recorder reported: encoder: no"),
    ],
)
def test_a_loss_is_told(recorded: Recorded, told: str | None) -> None:
    assert outcome.loss(_facts(recorded)) == told


def test_a_stop_does_not_hide_that_the_disk_was_full() -> None:
    facts = _facts(FirstFrame(1), StopAsked("StopEgress API"), Recorded(2, "disk_full"))
    assert outcome.end_reason(facts) == "StopEgress API"
    assert "disk of the Egress worker was full" in (outcome.loss(facts) or "")


def test_who_stops_before_the_first_frame_loses_nothing() -> None:
    facts = _facts(StopAsked("StopEgress API"), Recorded(1, "join_failed", "ended while joining"))
    assert outcome.loss(facts) is None


@pytest.mark.parametrize(
    ("reason", "wanted"),
    [("stopped", True), ("room_closed", True), ("join_failed", False), ("error", False), (None, False)],
)
def test_an_end_without_a_file_is_an_abort_only_if_it_was_wanted(
    reason: EndReason | None, wanted: bool
) -> None:
    assert outcome.was_wanted(_facts(Recorded(1, reason))) is wanted
    assert outcome.was_wanted(_facts(StopAsked("StopEgress API"), Recorded(1, reason)))


def test_fewer_pictures_are_told_of_all_parts_together() -> None:
    facts = _facts(
        PartLost(1, None, Reduced(4000, 10)),
        PartLost(2, "error"),
        Recorded(3, "stopped", None, Reduced(2500, 15)),
    )
    assert outcome.strain(facts) == notes.fewer_pictures(6500, 10)
    assert outcome.strain(_facts(PartLost(1, None, Reduced(4000, 10)), Recorded(3, "stopped")))
    assert outcome.strain(_facts(PartLost(1, None), Recorded(3, "stopped"))) is None


def test_what_the_parts_lack_is_told_of_all_together() -> None:
    begun_ns = 1_800_000_000 * 10**9
    facts = _facts(
        PartLost(1, "connection_lost", None, Lacks(31_000, begun_ns)),
        PartLost(2, None, Reduced(4000, 10)),
        Recorded(3, "stopped", None, None, Lacks(2_000, begun_ns + 60 * 10**9, sound_ms=700)),
    )
    assert outcome.strain(facts) == "; ".join(
        (notes.fewer_pictures(4000, 10), notes.cut_off(33_000, begun_ns), notes.sound_missing(700))
    )


def test_what_a_death_took_is_told_of_a_file_that_is_made_and_not_stored() -> None:
    begun_s = 1_800_000_000
    spans = (Span(begun_s * 10**9, 0), Span((begun_s + 12) * 10**9, 10_000, "loss"))
    died = PartLost((begun_s + 11) * 10**9, None)
    info, facts = EgressInfo(), _facts(died, Recorded((begun_s + 17) * 10**9, "stopped"))
    outcome.recovered(info, facts, facts.made)
    assert info.details == ""
    facts.apply(Made({}, 15_000, ended_ns=(begun_s + 17) * 10**9, spans=spans))
    facts.apply(StopAsked("StopEgress API", (begun_s + 17) * 10**9))
    outcome.recovered(info, facts, facts.made)
    assert info.details == "recovered: 2.0 s lost at 10.0 s"


def test_a_file_that_is_stored_is_named_though_the_store_refuses_what_lies_beside_it() -> None:
    stored = Stored(500, 2000, "ab", "http://store/b/a.mp4", 11, 2_000_000_011, recovered=False)
    info, facts = EgressInfo(file_results=[FileInfo(filename="a.mp4", started_at=11)]), _facts(stored)
    outcome.refused(info, facts, "AccessDenied")
    assert (info.status, info.error, info.error_code) == (EgressStatus.EGRESS_FAILED, "AccessDenied", 403)
    (file,) = info.file_results
    assert (file.size, file.duration, file.location) == (500, 2_000_000_000, stored.location)
    assert info.details.startswith("the file is stored; ")


def test_a_file_that_is_not_stored_is_said_to_be_kept() -> None:
    info = EgressInfo(file_results=[FileInfo(filename="a.mp4")])
    outcome.refused(info, _facts(Made({}, 15_000)), "AccessDenied")
    assert info.details == "the file is kept in the worker's spool"
    assert not info.file_results[0].location
