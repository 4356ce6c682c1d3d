from dataclasses import replace
from typing import Any

from rtcstack.domain.loss import Gap
from rtcstack.domain.recording import Recording, RecordingState
from rtcstack.domain.verification import checksum_of, object_faults, recording_faults

_DIGEST = "ab" * 32
_RECORDING = Recording(
    "rec_1",
    "default",
    "room",
    RecordingState.READY,
    "b",
    "k",
    started_at_ms=0,
    stopped_at_ms=61_000,
    duration_ms=60_000,
    size_bytes=1000,
    checksum=_DIGEST,
)


def _faults(
    recording: Recording, span_ms: tuple[int, int] | None = (500, 60_500), **probed: Any
) -> list[str]:
    told = {"duration_ms": 60_000, "streams": {"video", "audio"}, **probed}
    return list(recording_faults(recording, span_ms, **told))


def test_what_agrees_has_no_faults() -> None:
    assert list(object_faults(_RECORDING, 1000, _DIGEST)) == []
    assert _faults(_RECORDING) == []
    assert _faults(_RECORDING, None) == []


def test_each_difference_of_the_object_is_named_with_both_figures() -> None:
    assert [fault.split(",")[0] for fault in object_faults(_RECORDING, 999, "cd" * 32)] == [
        "the object has 999 bytes",
        f"the object's SHA-256 is {'cd' * 32}",
    ]


def test_an_etag_is_no_digest() -> None:
    foreign = replace(_RECORDING, checksum="d41d8cd98f00b204e9800998ecf8427e-3")
    assert checksum_of(foreign) is None
    assert list(object_faults(foreign, 1000, "cd" * 32)) == []
    assert list(object_faults(_RECORDING, 1000, None)) == []


def test_missing_streams_and_missing_time_are_named() -> None:
    assert _faults(_RECORDING, streams={"video"}, duration_ms=30_000) == [
        "it has no audio",
        "it lasts 30.0 s, the recorder said 60.0 s",
        "it lasts 30.0 s, and 60.0 s were recorded",
    ]


def test_a_little_is_lost_between_parts_and_before_the_stop() -> None:
    assert _faults(_RECORDING, (-3_000, 60_500)) == []
    assert _faults(_RECORDING, (-6_000, 60_500)) == ["it lasts 60.0 s, and 66.5 s were recorded"]
    assert _faults(replace(_RECORDING, stopped_at_ms=65_000)) == []
    assert _faults(replace(_RECORDING, stopped_at_ms=70_000)) == ["it ends 9.5 s before it was stopped"]


def test_whoever_heard_of_the_stop_too_early_or_not_at_all_says_nothing() -> None:
    assert _faults(replace(_RECORDING, stopped_at_ms=20_000)) == []
    assert _faults(replace(_RECORDING, stopped_at_ms=None)) == []
    assert _faults(replace(_RECORDING, stopped_at_ms=900_000, origin="sync")) == []


def test_a_recording_of_sound_alone_needs_no_picture() -> None:
    assert _faults(_RECORDING, streams={"audio"}) == ["it has no video"]
    assert _faults(replace(_RECORDING, options={"audio_only": True}), streams={"audio"}) == []


def test_nothing_is_asked_of_the_streams_of_what_others_recorded() -> None:
    assert _faults(replace(_RECORDING, origin="sync"), streams={"audio"}) == []


def test_what_was_paused_is_missed_nowhere() -> None:
    pauses = [(10_000, 40_000)]
    short = replace(_RECORDING, duration_ms=30_000)
    assert _faults(short, duration_ms=30_000, pauses=pauses) == []
    assert _faults(short, duration_ms=30_000) == ["it lasts 30.0 s, and 60.0 s were recorded"]
    late = replace(
        _RECORDING, duration_ms=40_000
    )  # the recorder heard of the pause ten seconds after it was noted
    assert _faults(late, duration_ms=40_000, pauses=pauses) == []
    for length_ms, wanted in ((20_000, "30.0"), (70_000, "60.0")):
        other = replace(_RECORDING, duration_ms=length_ms)
        told = f"it lasts {length_ms / 1000:.1f} s, and {wanted} s were recorded"
        assert _faults(other, duration_ms=length_ms, pauses=pauses) == [told]


def test_a_pause_may_last_to_the_stop() -> None:
    pauses = [(20_500, None)]
    short = replace(_RECORDING, duration_ms=20_000)
    for ended_ms in (20_500, 61_000):  # the last frame is that before the pause, or one that only repeats it
        assert _faults(short, (500, ended_ms), duration_ms=20_000, pauses=pauses) == []


def test_what_the_recording_says_it_lost_is_missed_nowhere() -> None:
    within = replace(_RECORDING, gaps=(Gap(20_000, 18_000), Gap(40_000, 12_000)), stopped_at_ms=91_000)
    assert _faults(within, (500, 90_500)) == []
    at_the_end = replace(_RECORDING, gaps=(Gap(60_000, 30_000),), stopped_at_ms=91_000)
    assert _faults(at_the_end) == []


def test_what_was_lost_beyond_that_is_named() -> None:
    less = replace(_RECORDING, gaps=(Gap(40_000, 10_000),), stopped_at_ms=91_000)
    assert _faults(less, (500, 90_500)) == ["it lasts 60.0 s, and 80.0 s were recorded"]
    both = replace(_RECORDING, gaps=(Gap(40_000, 30_000),), stopped_at_ms=121_000)
    assert _faults(both, (500, 90_500)) == ["it ends 30.5 s before it was stopped"]
