"""Decides who is to be seen, where and how large, and who is heard, from who is in the room and who speaks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rtcstack.egress.job import RecordingJob
from rtcstack.egress.look import read_look
from rtcstack.egress.recorder.arrangement import arrange
from rtcstack.egress.recorder.floor import Floor
from rtcstack.egress.recorder.layout import Rect, contain
from rtcstack.egress.recorder.selection import Person, Publication, Seen, is_screen, pictures, sounds
from rtcstack.egress.recorder.spotlight import Spotlight
from rtcstack.errors import Invalid
from rtcstack.log import get

log = get(__name__)

_SOON_NS = 50_000_000
_LISTEN_NS = 250_000_000
"""So often it is looked who speaks."""


@dataclass(frozen=True, slots=True)
class Placed:
    seen: Seen
    cell: Rect

    @property
    def size(self) -> tuple[int, int]:
        """How large the picture will be: its cell may have another shape."""
        track = self.seen.publication
        if track is None or not track.width or not track.height:
            return self.cell.size
        return contain(track.width, track.height, self.cell).size


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows from the room as it is now."""

    placed: tuple[Placed, ...]
    heard: tuple[Publication, ...]
    again_ns: int | None
    """In how many nanoseconds the plan may change by itself."""
    coming: Placed | None = None
    """Whose picture is needed soon, and in which place."""
    listened: tuple[Publication, ...] = ()
    """Of a recording without sound: received for who speaks, whose picture may not be received yet, and not mixed."""

    def wanted(self) -> dict[str, Publication]:
        """Return all tracks of the plan by their ids."""
        shown = (placed.seen.publication for placed in self._pictures())
        return {track.sid: track for track in (*shown, *self.heard, *self.listened) if track is not None}

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Return the pictures' sizes by track id."""
        return {placed.seen.key: placed.size for placed in self._pictures() if placed.seen.publication}

    def _pictures(self) -> tuple[Placed, ...]:
        return (*self.placed, *((self.coming,) if self.coming else ()))


def _soonest(*delays_ns: int | None) -> int | None:
    return min((delay_ns for delay_ns in delays_ns if delay_ns is not None), default=None)


class Director:
    """One a recording; it outlives connections, and so do a changed layout and who had the floor."""

    def __init__(self, job: RecordingJob, on_layout: Callable[[str], None] = lambda _layout: None) -> None:
        self._job, self._on_layout = job, on_layout
        self._look = read_look(job.layout)
        self._floor = Floor()
        self._spotlight = Spotlight(self._has_picture)
        self._with_picture: frozenset[str] = frozenset()

    @property
    def is_light(self) -> bool:
        return self._look.is_light

    @property
    def is_bare(self) -> bool:
        return not self._job.source.is_room

    def fit(self, job: RecordingJob) -> None:
        """Go on with what has become known of the job."""
        self._job = job

    def change_layout(self, layout: str) -> None:
        """Go on with another layout; one that nobody knows changes nothing."""
        try:
            self._look = read_look(layout)
        except Invalid as e:
            log.warning("layout_unknown", error=e.message)
        else:
            self._on_layout(layout)
            log.info("layout", layout=layout)

    def hear(self, speaking: Sequence[str]) -> None:
        """Take in the identities of all who speak, the loudest first."""
        self._floor.hear(speaking)

    def is_speaking(self, person: Person) -> bool:
        return self._floor.is_speaking(person.identity)

    def plan(self, people: Sequence[Person], with_picture: frozenset[str], now_ns: int) -> Plan:
        """Return who belongs where. `with_picture` are the tracks of which a picture has come; `now_ns` is monotonic."""
        self._with_picture = with_picture
        self._floor.keep(person.identity for person in people)
        settled_ns = self._floor.settle(now_ns)
        job = self._job
        heard = tuple(sounds(job.source, people))
        seen = pictures(job.source, people) if job.has_video else []
        placed = self._place(seen, now_ns)
        microphones = tuple(track for track in heard if not is_screen(track))
        shows_speakers = bool(placed and microphones) and not self.is_bare
        coming = Placed(self._spotlight.coming, placed[0].cell) if self._spotlight.coming and placed else None
        return Plan(
            placed,
            heard=heard if job.has_audio else (),
            again_ns=_soonest(
                settled_ns, _LISTEN_NS if shows_speakers else None, _SOON_NS if coming else None
            ),
            coming=coming,
            listened=microphones if shows_speakers and not job.has_audio else (),
        )

    def _has_picture(self, track_id: str) -> bool:
        return track_id in self._with_picture

    def _place(self, seen: Sequence[Seen], now_ns: int) -> tuple[Placed, ...]:
        screens = [one for one in seen if one.is_screen]
        people = [one for one in seen if not one.is_screen]
        shape = "grid" if self.is_bare else self._look.shape
        if shape != "grid" and not screens:
            people = self._spotlight.turn(self._by_floor(people), now_ns)
        else:
            self._spotlight.rest()
            people = self._chosen(people) if shape == "grid" else self._by_floor(people)
        encoding = self._job.encoding
        cells = arrange(shape, len(screens), len(people), encoding.width, encoding.height)
        return tuple(Placed(one, cell) for one, cell in zip((*screens, *people), cells, strict=False))

    def _by_floor(self, people: Sequence[Seen]) -> list[Seen]:
        """Whoever spoke last comes first; of those who have not spoken, whoever has a picture."""

        def order(one: Seen) -> tuple[int, bool]:
            return self._floor.rank(one.person.identity), one.publication is None or one.publication.muted

        return sorted(people, key=order)

    def _chosen(self, people: list[Seen]) -> list[Seen]:
        """In the grid everybody keeps his place; of too many those remain who spoke last."""
        chosen = self._by_floor(people)[: self._look.max_tiles]
        return [one for one in people if one in chosen]
