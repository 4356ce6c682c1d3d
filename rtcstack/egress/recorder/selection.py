"""Which of the room's people and tracks a recording is about: pure rules over who is there."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from livekit import rtc

from rtcstack.egress.source import Audio, Source, Video

Publication = rtc.RemoteTrackPublication
Person = rtc.RemoteParticipant
_Source = rtc.TrackSource
_SCREENS = (_Source.SOURCE_SCREENSHARE, _Source.SOURCE_SCREENSHARE_AUDIO)


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody who belongs into the picture: with a track of theirs, or with none, as a name."""

    person: Person
    publication: Publication | None

    @property
    def key(self) -> str:
        return self.publication.sid if self.publication else self.person.sid

    @property
    def is_screen(self) -> bool:
        return self.publication is not None and is_screen(self.publication)


def is_screen(publication: Publication) -> bool:
    """Whether it comes from a shared screen; tracks of no known source count as camera and microphone."""
    return publication.source in _SCREENS


def is_video(publication: Publication) -> bool:
    return publication.kind == rtc.TrackKind.KIND_VIDEO


def people_of(room: rtc.Room) -> list[Person]:
    """Return everybody but recorders, in the order of joining."""
    people = [
        p for p in room.remote_participants.values() if p.kind != rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS
    ]
    return sorted(people, key=lambda p: (p.joined_at.timestamp() if p.joined_at else math.inf, p.identity))


def tracks_of(people: Sequence[Person]) -> Iterator[tuple[Person, Publication]]:
    for person in people:
        for publication in list(person.track_publications.values()):
            yield person, publication


def pictures(source: Source, people: Sequence[Person]) -> list[Seen]:
    """Return who belongs into the picture, screens first, then in the order of joining."""
    if source.is_room:
        return sorted(
            (seen for person in people for seen in _pictures_of(person)), key=lambda s: not s.is_screen
        )
    videos = [Seen(person, track) for person, track in tracks_of(people) if is_video(track)]
    if source.track_id:
        return [seen for seen in videos if seen.key == source.track_id]
    return _named_picture(source.video, people, videos) if source.video else []


def _pictures_of(person: Person) -> Iterator[Seen]:
    """One who only watches is not seen; one without a camera is, as a name. A screen that is paused is none."""
    tracks = [track for track in person.track_publications.values() if not (is_screen(track) and track.muted)]
    videos = [Seen(person, track) for track in tracks if is_video(track)]
    yield from videos
    if tracks and all(seen.is_screen for seen in videos) and not _only_shares(tracks):
        yield Seen(person, None)


def _only_shares(tracks: Sequence[Publication]) -> bool:
    return all(is_screen(track) for track in tracks)


def _named_picture(video: Video, people: Sequence[Person], videos: list[Seen]) -> list[Seen]:
    if video.track_id:
        return [seen for seen in videos if seen.key == video.track_id]
    theirs = [seen for seen in videos if seen.person.identity == video.identity]
    screens = [seen for seen in theirs if seen.is_screen] if video.show != "camera" else []
    cameras = [seen for seen in theirs if not seen.is_screen] if video.show != "screen" else []
    names = [Seen(person, None) for person in people if person.identity == video.identity]
    return (screens or cameras or names)[:1]


def sounds(source: Source, people: Sequence[Person]) -> list[Publication]:
    """Return the tracks to be heard."""
    heard = [(person, track) for person, track in tracks_of(people) if not is_video(track)]
    if source.track_id:
        return [track for _, track in heard if track.sid == source.track_id]
    audio = Audio(is_everyones=True) if source.is_room else source.audio
    return [track for person, track in heard if audio and _is_meant(audio, person, track)]


def _is_meant(audio: Audio, person: Person, track: Publication) -> bool:
    if audio.is_everyones or track.sid in audio.track_ids:
        return True
    return person.identity in audio.identities and is_screen(track) == audio.of_screens


def is_present(source: Source, people: Sequence[Person]) -> bool:
    """Whether anything of the source is in the room; the room itself always is."""
    if source.is_room or (source.audio and source.audio.is_everyones and not source.video):
        return True
    if any(person.identity in source.identities for person in people):
        return True
    return any(track.sid in source.track_ids for _, track in tracks_of(people))
