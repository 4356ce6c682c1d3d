"""How long a recorder was cut off follows from its connection and from the pictures that came."""

from dataclasses import dataclass

from rtcstack.egress.recorder.outages import Outages

S = 1_000_000_000


@dataclass
class Feed:
    """Pictures as a hub sees them, and the time."""

    now_ns: int = 100 * S
    pictured_ns: int = 0
    longest_unpictured_ns: int = 0
    awaits_pictures: bool = True

    def pass_s(self, seconds: float, *, with_pictures: bool = False) -> None:
        end_ns = self.now_ns + round(seconds * S)
        while self.now_ns < end_ns:
            self.now_ns = min(end_ns, self.now_ns + S // 10)
            if with_pictures:
                gap_ns = self.now_ns - self.pictured_ns
                self.longest_unpictured_ns = max(self.longest_unpictured_ns, gap_ns)
                self.pictured_ns = self.now_ns

    def outages(self) -> Outages:
        """Of a file that begins now."""
        begun_ns = self.now_ns
        outages = Outages(self, lambda: self.now_ns)
        outages.count_in(lambda: (self.now_ns - begun_ns) * 1000 // S)
        return outages


def test_it_lasts_from_the_last_picture_until_there_is_a_connection_again() -> None:
    feed = Feed()
    outages = feed.outages()
    feed.pass_s(20, with_pictures=True)
    feed.pass_s(5)  # until it is noticed
    outages.begin()
    feed.pass_s(3)
    outages.begin()
    assert outages.total_ms == 8000
    feed.pass_s(4)
    outages.end()
    feed.pass_s(10, with_pictures=True)
    assert outages.total_ms == 12_000
    assert outages.first_ns > 0


def test_pictures_that_go_on_coming_show_that_nothing_was_missed() -> None:
    feed = Feed()
    outages = feed.outages()
    feed.pass_s(20, with_pictures=True)
    outages.begin()
    feed.pass_s(4, with_pictures=True)
    outages.end()
    assert outages.total_ms == outages.first_ns == 0


def test_pictures_that_come_again_before_the_connection_does_end_it() -> None:
    feed = Feed()
    outages = feed.outages()
    feed.pass_s(20, with_pictures=True)
    feed.pass_s(2)
    outages.begin()
    feed.pass_s(4)
    feed.pass_s(3, with_pictures=True)
    outages.end()
    assert outages.total_ms == 6100


def test_a_room_without_pictures_counts_from_when_it_was_noticed() -> None:
    feed = Feed(awaits_pictures=False)
    outages = feed.outages()
    feed.pass_s(20)
    outages.begin()
    feed.pass_s(3)
    outages.end()
    assert outages.total_ms == 3000


def test_before_the_file_begins_and_in_a_pause_nothing_is_missed() -> None:
    feed = Feed()
    outages = Outages(feed, lambda: feed.now_ns)
    file_ms = 0
    outages.count_in(lambda: file_ms)
    outages.begin()
    feed.pass_s(7)
    outages.end()
    assert outages.total_ms == 0
