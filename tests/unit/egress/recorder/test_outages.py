"""How long a recorder was cut off follows from its connection, and from the pictures and the sound that came."""

from dataclasses import dataclass, field

from rtcstack.egress.recorder.arrivals import Arrivals
from rtcstack.egress.recorder.outages import Outages

S = 1_000_000_000
_STEP_NS = S // 10


@dataclass
class Feed:
    """Pictures and sound as a hub sees them, and the time."""

    has_pictures: bool = True
    has_sounds: bool = False
    now_ns: int = 100 * S
    pictures: Arrivals = field(default_factory=Arrivals)
    sounds: Arrivals = field(default_factory=Arrivals)

    @property
    def awaited(self) -> tuple[Arrivals, ...]:
        return (self.pictures,) * self.has_pictures + (self.sounds,) * self.has_sounds

    def pass_s(self, seconds: float, *, with_pictures: bool = False, with_sounds: bool = False) -> None:
        end_ns = self.now_ns + round(seconds * S)
        while self.now_ns < end_ns:
            self.now_ns = min(end_ns, self.now_ns + _STEP_NS)
            if with_pictures:
                self.pictures.note(self.now_ns)
            if with_sounds:
                self.sounds.note(self.now_ns, _STEP_NS)

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
    assert not outages.is_running
    outages.begin()
    feed.pass_s(3)
    outages.begin()
    assert outages.total_ms == 8000
    feed.pass_s(4)
    assert outages.is_running
    outages.end()
    assert not outages.is_running
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


def test_pictures_that_go_on_coming_for_a_while_only_delay_it() -> None:
    """Of a connection that is given up after its signalling was lost."""
    feed = Feed()
    outages = feed.outages()
    feed.pass_s(20, with_pictures=True)
    outages.begin()
    feed.pass_s(2, with_pictures=True)
    feed.pass_s(9)
    assert outages.total_ms == 9000
    feed.pass_s(1)
    outages.end()
    assert outages.total_ms == 10_000


def test_in_a_room_without_pictures_sound_tells() -> None:
    feed = Feed(has_pictures=False, has_sounds=True)
    outages = feed.outages()
    feed.pass_s(20, with_sounds=True)
    outages.begin()
    feed.pass_s(4, with_sounds=True)
    outages.end()
    assert outages.total_ms == outages.first_ns == 0, "of the connection only the signalling was lost"
    feed.pass_s(2, with_sounds=True)
    feed.pass_s(5)  # until it is noticed
    outages.begin()
    feed.pass_s(3)
    outages.end()
    assert outages.total_ms == 8000 - 100, "less than a look at most"


def test_whichever_missed_less_shows_that_there_was_a_connection() -> None:
    """A screen on which nothing moves sends no pictures."""
    feed = Feed(has_sounds=True)
    outages = feed.outages()
    feed.pass_s(5, with_pictures=True, with_sounds=True)
    feed.pass_s(40, with_sounds=True)
    outages.begin()
    feed.pass_s(6, with_sounds=True)
    outages.end()
    assert outages.total_ms == 0


def test_a_room_with_nobody_to_see_or_hear_counts_from_when_it_was_noticed() -> None:
    feed = Feed(has_pictures=False)
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
