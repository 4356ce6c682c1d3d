import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from livekit.rtc import RtcStats
from livekit.rtc._proto import stats_pb2

from rtcstack.egress.recorder.lip_sync import LipSync, lag_of_clocks_ns, lag_of_waits_ns
from rtcstack.egress.recorder.media import PATH_LAG_NS, TYPICAL_LAG_NS, AudioInlet, VideoInlet
from rtcstack.egress.recorder.track_stats import Totals, last_sound_ns, mean_wait_ns

MS = 1_000_000


def test_the_mean_is_that_of_the_time_between_two_looks() -> None:
    assert mean_wait_ns(Totals(10.0, 1000), Totals(13.0, 1100)) == 30_000_000
    assert mean_wait_ns(None, Totals(2.0, 100)) == 20_000_000


def test_nothing_emitted_or_counters_begun_anew_say_nothing() -> None:
    assert mean_wait_ns(Totals(1.0, 100), Totals(1.0, 100)) is None
    assert mean_wait_ns(Totals(9.0, 900), Totals(0.3, 10)) is None


def test_sound_counts_as_it_is_now_and_pictures_as_they_mostly_are() -> None:
    steady = lag_of_waits_ns([30 * MS], [11 * MS])
    assert steady == 19 * MS + PATH_LAG_NS
    assert lag_of_waits_ns([30 * MS, 70 * MS], [11 * MS]) == steady + 40 * MS
    assert lag_of_waits_ns([30 * MS], [11 * MS, 11 * MS, 50 * MS]) == steady, (
        "one picture that was held up moved the sound"
    )
    assert lag_of_waits_ns([30 * MS], [11 * MS, 50 * MS, 50 * MS]) == steady - 39 * MS
    assert lag_of_waits_ns([30 * MS], []) == steady


def test_a_picture_in_several_packets_began_earlier_than_packets_arrive_on_average() -> None:
    before = Totals(1.0, 100, assembly_s=0.5, assembled=50)
    now = Totals(1.0 + 10 * 0.150, 110, assembly_s=0.5 + 10 * 0.100, assembled=60)
    assert mean_wait_ns(before, now) == 100 * MS


def test_by_the_senders_clock_a_picture_that_was_held_up_says_nothing() -> None:
    in_step = lag_of_clocks_ns([-200 * MS], [-200 * MS]) or 0
    assert in_step
    assert lag_of_clocks_ns([-250 * MS], [-200 * MS]) == in_step + 50 * MS
    assert lag_of_clocks_ns([-200 * MS, -250 * MS], [-190 * MS, -200 * MS, -700 * MS]) == in_step + 50 * MS
    assert (
        lag_of_clocks_ns([-250 * MS], [-500 * MS, -200 * MS, -200 * MS, None, -200 * MS]) == in_step + 50 * MS
    )


def test_without_the_senders_word_of_just_now_its_clock_says_nothing() -> None:
    assert lag_of_clocks_ns([], []) is None
    assert lag_of_clocks_ns([-200 * MS], [None, None]) is None, "no picture came meanwhile"
    assert lag_of_clocks_ns([-200 * MS, None], [-200 * MS]) is None, "no sound came meanwhile"
    assert lag_of_clocks_ns([-250 * MS], [None, -200 * MS]) == lag_of_clocks_ns([-250 * MS], [-200 * MS])


def _waited(seconds: float, emitted: int) -> stats_pb2.RtcStats:
    entry = stats_pb2.RtcStats()
    inbound = entry.inbound_rtp.inbound
    inbound.track_identifier = "ann's"
    inbound.jitter_buffer_delay, inbound.jitter_buffer_emitted_count = seconds, emitted
    return entry


@dataclass
class Microphone:
    """Of one participant; the library fails the first time that it is asked, as it does when a track goes."""

    inlet: AudioInlet = field(default_factory=AudioInlet)
    asked: int = 0

    async def get_stats(self) -> list[stats_pb2.RtcStats]:
        self.asked += 1
        if self.asked == 1:
            raise Exception("the track is gone")  # noqa: TRY002 the client library raises just that
        return [_waited(0.0, 0)]

    def tracks(self) -> dict[str, Any]:
        return {"TR_ann": self}

    def inlets(self) -> Mapping[str, object]:
        return {"TR_ann": self.inlet}

    def siblings(self) -> Iterator[tuple[str, str]]:
        return iter(())

    async def stats(self) -> RtcStats:
        return RtcStats(publisher_stats=[], subscriber_stats=[_waited(10.0, 100)])


async def test_statistics_that_fail_once_do_not_end_it() -> None:
    microphone = Microphone()
    came: list[tuple[int, int]] = []
    running = asyncio.ensure_future(LipSync(lambda *sound: came.append(sound)).run(microphone))
    async with asyncio.timeout(60):
        while microphone.inlet.lag_ns == TYPICAL_LAG_NS and not running.done():
            await asyncio.sleep(0.01)
    running.cancel()
    assert microphone.inlet.lag_ns == 89 * MS + PATH_LAG_NS
    assert came == [], "no packet of it"
    assert not microphone.inlet.hold.may_rise, "nothing was said of its clock"


def test_what_has_gone_from_the_statistics_is_forgotten() -> None:
    lip_sync = LipSync(lambda *_: None)
    for number in range(100):
        lip_sync._learn(
            {f"track-{number}": Totals(1.0, 100), "ann's": Totals(1.0 + number, 100 * (number + 1))}, {}
        )
    assert lip_sync._recent.keys() == lip_sync._before.keys() == {"track-99", "ann's"}
    assert len(lip_sync._recent["ann's"].waits_ns) == 4


class Camera(Microphone):
    """And a camera, of which each look says what was shown last, and how late that was."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 1
        self.pictures = VideoInlet()
        self.looks = 0
        self.late_ms = 0

    def tracks(self) -> dict[str, Any]:
        return {"TR_ann": self, "TR_cam": _Other()}

    def inlets(self) -> Mapping[str, object]:
        return {"TR_ann": self.inlet, "TR_cam": self.pictures}

    def siblings(self) -> Iterator[tuple[str, str]]:
        return iter([("TR_ann", "TR_cam")])

    async def stats(self) -> RtcStats:
        self.looks += 1
        at_ns, late_ns = time.monotonic_ns(), self.late_ms * MS
        self.pictures.lateness.note(at_ns, late_ns)
        heard, seen = (
            _waited(self.looks * 10.0, self.looks * 100),
            _waited(self.looks * 10.0, self.looks * 100),
        )
        seen.inbound_rtp.inbound.track_identifier = "cam"
        now_us = time.time_ns() // 1000
        for entry, behind_ms in ((heard, 150), (seen, 100 + self.late_ms)):
            entry.inbound_rtp.rtc.timestamp = now_us
            entry.inbound_rtp.inbound.estimated_playout_timestamp = now_us / 1000 - behind_ms
        return RtcStats(publisher_stats=[], subscriber_stats=[heard, seen])


class _Other:
    async def get_stats(self) -> list[stats_pb2.RtcStats]:
        entry = _waited(0.0, 0)
        entry.inbound_rtp.inbound.track_identifier = "cam"
        return [entry]


async def test_pictures_that_come_late_do_not_move_the_sound_since_their_stamps_say_by_how_much() -> None:
    camera, lip_sync = Camera(), LipSync(lambda *_: None)
    for _ in range(4):
        await lip_sync._look(camera)
    in_time_ns = camera.inlet.lag_ns
    assert camera.inlet.hold.may_rise
    camera.late_ms = 200
    for _ in range(8):
        await lip_sync._look(camera)
    assert abs(camera.inlet.lag_ns - in_time_ns) < 5 * MS
    assert abs(in_time_ns - 70 * MS) < 5 * MS, (
        "50 ms, and 20 for the way from being handed over to being seen"
    )


async def test_another_sound_of_somebody_whose_clock_is_known_changes_nothing_about_that() -> None:
    camera, lip_sync = Camera(), LipSync(lambda *_: None)
    other = AudioInlet()
    other.hold = camera.inlet.hold
    before = camera.inlets()
    camera.inlets = lambda: {**before, "TR_other": other}
    for _ in range(4):
        await lip_sync._look(camera)
    assert camera.inlet.hold.may_rise


def _sound(age_ms: float, kind: str = "audio") -> stats_pb2.RtcStats:
    entry = stats_pb2.RtcStats()
    entry.inbound_rtp.rtc.timestamp, entry.inbound_rtp.stream.kind = 5_000_000_000, kind
    entry.inbound_rtp.inbound.last_packet_received_timestamp = 5_000_000 - age_ms
    return entry


def test_the_last_sound_is_that_of_whoever_was_heard_last() -> None:
    now_ns = 77_000 * MS
    entries = [_sound(700.0), _sound(12.5), _sound(1.0, "video"), stats_pb2.RtcStats()]
    assert last_sound_ns(entries, now_ns) == now_ns - round(12.5 * MS)
    assert last_sound_ns([_sound(-3.0)], now_ns) == now_ns, (
        "a packet that came while the statistics were made"
    )
    assert last_sound_ns([_sound(1.0, "video")], now_ns) is None
