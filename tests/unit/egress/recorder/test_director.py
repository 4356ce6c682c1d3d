"""Who is planned to be seen, for rooms made of plain records with the client library's field names."""

from pathlib import Path
from typing import Any

from rtcstack.egress.job import RecordingJob
from rtcstack.egress.recorder.director import Director, Plan
from rtcstack.egress.source import Source, Video
from tests.unit.egress.recorder.test_selection import CAMERA, MICROPHONE, SCREEN, person

S = 1_000_000_000
LISTEN_NS = S // 4
ANN, BOB, CID = (
    person(name, CAMERA, MICROPHONE, joined_s=at) for at, name in enumerate(("ann", "bob", "cid"))
)
PEOPLE = [ANN, BOB, CID]
ALL = frozenset(f"{who}-{CAMERA}" for who in ("ann", "bob", "cid"))


def director(layout: str = "grid", **more: Any) -> Director:
    return Director(
        RecordingJob(
            egress_id="EG",
            room_name="r",
            ws_url="",
            api_key="",
            api_secret="",
            folder=Path(),
            layout=layout,
            **more,
        )
    )


def shown(plan: Plan) -> list[str]:
    return [placed.seen.person.identity for placed in plan.placed]


def test_the_grid_keeps_everybodys_place_whoever_speaks() -> None:
    grid = director()
    assert shown(grid.plan(PEOPLE, ALL, 0)) == ["ann", "bob", "cid"]
    grid.hear(["cid"])
    assert shown(grid.plan(PEOPLE, ALL, S)) == ["ann", "bob", "cid"]
    assert grid.is_speaking(CID)


def test_of_too_many_those_remain_who_spoke_last_in_their_order() -> None:
    grid = director("grid?maxTiles=2")
    assert shown(grid.plan(PEOPLE, ALL, 0)) == ["ann", "bob"]
    grid.hear(["cid"])
    plan = grid.plan(PEOPLE, ALL, 3 * S)
    assert shown(plan) == ["ann", "cid"]
    assert f"bob-{CAMERA}" not in plan.wanted()
    assert {f"{who}-{MICROPHONE}" for who in ("ann", "bob", "cid")} <= plan.wanted().keys()


def test_who_speaks_becomes_large_once_the_picture_is_there() -> None:
    single = director("single-speaker")
    ann_only = frozenset({f"ann-{CAMERA}"})
    assert shown(single.plan(PEOPLE, ann_only, 0)) == ["ann"]
    single.hear(["bob"])
    waiting = single.plan(PEOPLE, ann_only, 3 * S)
    assert shown(waiting) == ["ann"]
    assert waiting.sizes() == {f"ann-{CAMERA}": (1280, 720), f"bob-{CAMERA}": (1280, 720)}
    assert waiting.again_ns == 50_000_000
    there = single.plan(PEOPLE, ALL, 3 * S + 300_000_000)
    assert shown(there) == ["bob"]
    assert there.again_ns == LISTEN_NS


def test_a_picture_is_asked_for_in_the_size_it_is_drawn_in() -> None:
    plan = director().plan([ANN, BOB], ALL, 0)
    assert [placed.cell.size for placed in plan.placed] == [(640, 720), (640, 720)]
    assert set(plan.sizes().values()) == {(640, 360)}


def test_a_picture_that_does_not_come_is_not_waited_for_long() -> None:
    single = director("single-speaker")
    single.plan(PEOPLE, ALL, 0)
    single.hear(["bob"])
    assert shown(single.plan(PEOPLE, frozenset(), 3 * S)) == ["ann"]
    assert shown(single.plan(PEOPLE, frozenset(), 4 * S)) == ["bob"]


def test_nobody_is_waited_for_once_a_screen_is_shown_or_the_grid() -> None:
    for then, people in (("single-speaker", [*PEOPLE, person("tv", SCREEN)]), ("grid", PEOPLE)):
        single = director("single-speaker")
        single.plan(PEOPLE, ALL, 0)
        single.hear(["bob"])
        assert single.plan(PEOPLE, frozenset(), 3 * S).coming is not None
        single.change_layout(then)
        plan = single.plan(people, frozenset(), 3 * S)
        assert (plan.coming, plan.again_ns) == (None, LISTEN_NS)


def test_a_screen_is_large_and_the_speaker_first_beside_it() -> None:
    screen = person("tv", SCREEN)
    speaker = director("speaker")
    speaker.hear(["cid"])
    plan = speaker.plan([*PEOPLE, screen], ALL, 3 * S)
    assert shown(plan) == ["tv", "cid", "ann", "bob"]
    assert plan.placed[0].cell.size == (1024, 720)


def test_another_layout_holds_and_an_unknown_one_changes_nothing() -> None:
    changing = director()
    changing.change_layout("single-speaker-light")
    changing.change_layout("mosaic")
    assert changing.is_light
    assert len(changing.plan(PEOPLE, ALL, 0).placed) == 1


def test_without_sound_everybody_is_listened_to_but_nobody_heard() -> None:
    single = director("single-speaker", has_audio=False)
    plan = single.plan(PEOPLE, ALL, 0)
    microphones = {f"{who}-{MICROPHONE}" for who in ("ann", "bob", "cid")}
    assert (plan.heard, {track.sid for track in plan.listened}) == ((), microphones)
    assert plan.wanted().keys() == {f"ann-{CAMERA}"} | microphones
    assert plan.again_ns == LISTEN_NS


def test_who_speaks_is_of_no_interest_where_nobody_is_to_be_marked() -> None:
    for more in ({"has_video": False}, {"source": Source(Video(identity="bob")), "has_audio": False}):
        plan = director("speaker", **more).plan(PEOPLE, ALL, 0)
        assert (plan.listened, plan.again_ns) == ((), None)
    silent = director().plan([person("dan", CAMERA)], ALL, 0)
    assert silent.again_ns is None


def test_one_participant_fills_the_frame_whatever_the_layout() -> None:
    one = director("speaker", source=Source(Video(identity="bob")))
    plan = one.plan(PEOPLE, ALL, 0)
    assert one.is_bare
    assert (shown(plan), plan.placed[0].cell.size, plan.heard) == (["bob"], (1280, 720), ())
