"""The three layouts, dark and light, who is large in them, and a change while recording."""

from rtcstack.egress.recorder.theme import DARK, LIGHT
from tests.integration.egress.recorder.footage import Footage, close_to, still
from tests.integration.egress.recorder.harness import Stagehand

BLUE, RED, GREEN = (110, 180, 90), (90, 100, 200), (130, 60, 60)


def test_the_speaker_is_large_and_changes_with_who_speaks(stage: Stagehand) -> None:
    ann = stage.come("ann", colour=BLUE, tone_hz=440)
    bob = stage.come("bob", colour=RED, tone_hz=1000, amplitude=0.0)
    recorder = stage.record(layout="speaker-light").until_started()
    first = recorder.wait_until(3.0)
    ann.do("change", amplitude=0.0)
    bob.do("change", amplitude=0.3)
    second = recorder.wait_until(recorder.now_s() + 5)
    recorder.stop()

    seen = Footage.read(recorder.file)
    assert close_to(seen.colour(first, 500, 300), BLUE)
    assert close_to(seen.colour(first, 1150, 330), RED)
    assert close_to(seen.colour(first, 500, 40), LIGHT.background)
    assert close_to(seen.colour(second, 500, 300), RED)
    assert close_to(seen.colour(second, 1150, 330), BLUE)
    edge = still(recorder.file, second)[180, :30]
    assert any(close_to(tuple(map(int, pixel)), LIGHT.ring, 24) for pixel in edge), "who speaks has a ring"


def test_a_single_speaker_fills_the_picture_and_nobody_else_is_received(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, has_audio=False)
    bob = stage.come("bob", colour=RED, tone_hz=1000, amplitude=0.0)
    recorder = stage.record(layout="single-speaker").until_started()
    before = recorder.wait_until(1.5)
    bob.do("change", amplitude=0.3)
    at = recorder.wait_until(recorder.now_s() + 3)
    recorder.stop()

    seen = Footage.read(recorder.file)
    assert close_to(seen.colour(before, 640, 360), BLUE)
    for x, y in ((10, 10), (640, 360), (1270, 710)):
        assert close_to(seen.colour(at, x, y), RED)


async def test_the_layout_changes_while_recording_and_back(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, has_audio=False)
    stage.come("bob", colour=RED, has_audio=False)
    recorder = stage.record().until_started()
    before = recorder.wait_until(1.5)
    await stage.update_layout("speaker-light")
    changed = recorder.wait_until(recorder.now_s() + 1.2)
    await stage.update_layout("mosaic")
    unknown = recorder.wait_until(recorder.now_s() + 0.8)
    await stage.update_layout("grid-dark")
    back = recorder.wait_until(recorder.now_s() + 1.2)
    recorder.stop()

    seen = Footage.read(recorder.file)
    assert close_to(seen.colour(before, 320, 360), BLUE)
    assert close_to(seen.colour(before, 960, 360), RED)
    for at in (changed, unknown):
        assert close_to(seen.colour(at, 700, 360), BLUE)
        assert close_to(seen.colour(at, 1150, 330), RED)
        assert close_to(seen.colour(at, 1150, 100), LIGHT.background)
    assert close_to(seen.colour(back, 960, 360), RED)
    assert close_to(seen.colour(back, 640, 90), DARK.background)


def test_a_portrait_recording_puts_people_above_one_another(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, has_audio=False)
    stage.come("bob", colour=RED, has_audio=False)
    recorder = stage.record(encoding={"width": 360, "height": 640, "framerate": 15}).until_started()
    at = recorder.wait_until(2.0)
    recorder.stop()

    seen = Footage.read(recorder.file)
    assert close_to(seen.colour(at, 180, 160), BLUE)
    assert close_to(seen.colour(at, 180, 480), RED)
    assert close_to(seen.colour(at, 180, 20), DARK.background)


def test_initials_and_a_name_stand_for_who_has_no_camera(stage: Stagehand) -> None:
    stage.come("ann", name="😀 Ἄννα山 שרה", has_video=False, tone_hz=440)
    stage.come("bob", colour=RED, has_audio=False, name="Bob")
    recorder = stage.record().until_started()
    at = recorder.wait_until(2.0)
    recorder.stop()

    seen = Footage.read(recorder.file)
    picture = min(seen.pictures, key=lambda one: abs(one[0] - at))[1]
    tile = picture[20:52, 2:62]
    disc = tile[10:22, 24:36]
    assert close_to(seen.colour(at, 60, 220), DARK.placeholder)
    assert tuple(disc.reshape(-1, 3)[0]) != DARK.placeholder
    assert disc[..., 0].max() > 180, "letters are written on the disc"
    luma = still(recorder.file, at)[..., 0]
    assert (luma[245:268, 325:380] > 180).sum() > 20, "his name is written over Bob's picture"
    assert luma[120:240, 330:630].max() < 120, "and nothing else"
