"""Who is seen and heard, for rooms made of plain records with the client library's field names."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from livekit.rtc import ParticipantKind, TrackKind, TrackSource

from rtcstack.egress.recorder.selection import is_present, people_of, pictures, sounds
from rtcstack.egress.source import WHOLE_ROOM, Audio, Source, Video

_VIDEO = {TrackSource.SOURCE_CAMERA, TrackSource.SOURCE_SCREENSHARE}
CAMERA, MICROPHONE = TrackSource.SOURCE_CAMERA, TrackSource.SOURCE_MICROPHONE
SCREEN, SCREEN_SOUND = TrackSource.SOURCE_SCREENSHARE, TrackSource.SOURCE_SCREENSHARE_AUDIO


def person(identity: str, *sources: int, joined_s: float = 0) -> Any:
    tracks = {
        f"{identity}-{source}": SimpleNamespace(
            sid=f"{identity}-{source}",
            source=source,
            width=640,
            height=360,
            muted=False,
            kind=TrackKind.KIND_VIDEO if source in _VIDEO else TrackKind.KIND_AUDIO,
        )
        for source in sources
    }
    return SimpleNamespace(
        identity=identity,
        sid=f"PA_{identity}",
        kind=ParticipantKind.PARTICIPANT_KIND_STANDARD,
        joined_at=datetime.fromtimestamp(joined_s, UTC),
        track_publications=tracks,
    )


ANN = person("ann", CAMERA, MICROPHONE, joined_s=1)
BOB = person("bob", SCREEN, SCREEN_SOUND, MICROPHONE, joined_s=2)
CID = person("cid", MICROPHONE, joined_s=3)
EVE = person("eve", joined_s=4)
ROOM = [ANN, BOB, CID, EVE]


def keys(source: Source) -> list[str]:
    return [seen.key for seen in pictures(source, ROOM)]


def heard(source: Source) -> list[str]:
    return [track.sid for track in sounds(source, ROOM)]


def test_people_come_in_the_order_of_joining_and_recorders_not_at_all() -> None:
    recorder = person("EG_1", joined_s=0)
    recorder.kind = ParticipantKind.PARTICIPANT_KIND_EGRESS
    room: Any = SimpleNamespace(remote_participants={"b": BOB, "a": ANN, "r": recorder})
    assert people_of(room) == [ANN, BOB]


def test_the_room_shows_screens_first_and_whoever_takes_part() -> None:
    assert keys(WHOLE_ROOM) == [f"bob-{SCREEN}", f"ann-{CAMERA}", "PA_bob", "PA_cid"]
    assert heard(WHOLE_ROOM) == [
        f"ann-{MICROPHONE}",
        f"bob-{SCREEN_SOUND}",
        f"bob-{MICROPHONE}",
        f"cid-{MICROPHONE}",
    ]


def test_a_screen_alone_is_no_person() -> None:
    shown = pictures(WHOLE_ROOM, [person("tv", SCREEN, SCREEN_SOUND)])
    assert [seen.is_screen for seen in shown] == [True]


def test_a_paused_screen_gives_its_place_back() -> None:
    tv = person("tv", SCREEN, MICROPHONE)
    tv.track_publications[f"tv-{SCREEN}"].muted = True
    assert [seen.key for seen in pictures(WHOLE_ROOM, [tv])] == ["PA_tv"]


def test_a_participants_picture_is_what_is_asked_for_or_the_name() -> None:
    assert keys(Source(Video(identity="ann"))) == [f"ann-{CAMERA}"]
    assert keys(Source(Video(identity="ann", show="screen"))) == ["PA_ann"]
    assert keys(Source(Video(identity="ann", show="screen_or_camera"))) == [f"ann-{CAMERA}"]
    assert keys(Source(Video(identity="bob", show="screen_or_camera"))) == [f"bob-{SCREEN}"]
    assert keys(Source(Video(identity="bob"))) == ["PA_bob"]
    assert keys(Source(Video(identity="zoe"))) == []


def test_sounds_are_chosen_by_track_and_by_person() -> None:
    assert heard(Source(audio=Audio(identities=("bob",)))) == [f"bob-{MICROPHONE}"]
    assert heard(Source(audio=Audio(identities=("bob",), of_screens=True))) == [f"bob-{SCREEN_SOUND}"]
    both = Audio(track_ids=(f"cid-{MICROPHONE}",), identities=("ann",))
    assert heard(Source(audio=both)) == [f"ann-{MICROPHONE}", f"cid-{MICROPHONE}"]
    assert heard(Source(Video(identity="ann"))) == []


def test_a_single_track_is_one_or_the_other() -> None:
    assert (keys(Source(track_id=f"ann-{CAMERA}")), heard(Source(track_id=f"ann-{CAMERA}"))) == (
        [f"ann-{CAMERA}"],
        [],
    )
    assert heard(Source(track_id=f"cid-{MICROPHONE}")) == [f"cid-{MICROPHONE}"]


def test_a_source_is_there_as_long_as_any_of_it_is() -> None:
    video_and_sound = Source(Video(track_id=f"ann-{CAMERA}"), Audio(track_ids=(f"cid-{MICROPHONE}",)))
    assert is_present(WHOLE_ROOM, [])
    assert is_present(video_and_sound, [CID])
    assert not is_present(video_and_sound, [BOB, EVE])
    assert is_present(Source(Video(identity="eve")), [EVE])
    assert not is_present(Source(Video(identity="eve"), Audio(is_everyones=True)), [ANN])
    assert str(video_and_sound) == f"track ann-{CAMERA}, track cid-{MICROPHONE}"
