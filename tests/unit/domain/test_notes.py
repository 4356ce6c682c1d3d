from rtcstack.domain import notes
from rtcstack.domain.loss import Gap, recovered


def test_what_a_worker_notes_is_read_from_the_details() -> None:
    fewer = notes.fewer_pictures(12_345, 10)
    assert "10 a second, for 12.3 s" in fewer
    details = "; ".join(["End reason: Disk full", notes.DISK_FULL, fewer, recovered([Gap(1000, 500)])])
    assert notes.read_notes(details) == (notes.DISK_FULL, fewer)


def test_what_is_missing_in_between_is_read_as_well() -> None:
    cut_off = notes.cut_off(12_345, 1_800_000_000 * 10**9)
    assert cut_off.startswith("cut off: for 12.3 s in all, first at 08:00:00 UTC, ")
    told = (notes.CONNECTION_LOST, cut_off, notes.sound_missing(1_250))
    assert "some 1.2 s" in told[-1]
    assert notes.read_notes("; ".join(["End reason: Connection lost", *told])) == told


def test_most_recordings_have_none() -> None:
    assert notes.read_notes("End reason: StopEgress API") == ()
    assert notes.read_notes("") == ()
