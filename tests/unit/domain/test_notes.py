from rtcstack.domain import notes
from rtcstack.domain.loss import Gap, recovered


def test_what_a_worker_notes_is_read_from_the_details() -> None:
    fewer = notes.fewer_pictures(12_345, 10)
    assert "10 a second, for 12.3 s" in fewer
    details = "; ".join(["End reason: Disk full", notes.DISK_FULL, fewer, recovered([Gap(1000, 500)])])
    assert notes.read_notes(details) == (notes.DISK_FULL, fewer)


def test_most_recordings_have_none() -> None:
    assert notes.read_notes("End reason: StopEgress API") == ()
    assert notes.read_notes("") == ()
