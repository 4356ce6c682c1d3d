"""What happens to tracks while they are recorded: published again, turned, grown, shared with sound."""

from rtcstack.egress.recorder.theme import DARK
from tests.integration.egress.recorder.footage import Footage, close_to
from tests.integration.egress.recorder.harness import Stagehand

BLUE, RED = (110, 180, 90), (90, 100, 200)


def test_a_camera_and_microphone_come_back_after_they_were_unpublished(stage: Stagehand) -> None:
    ann = stage.come("ann", colour=BLUE, tone_hz=440)
    stage.come("bob", has_video=False, tone_hz=1000)
    recorder = stage.record().until_started()
    before = recorder.wait_until(2.0)
    ann.do("unpublish")
    gone = recorder.wait_until(recorder.now_s() + 1.5)
    ann.do("publish")
    again = recorder.wait_until(recorder.now_s() + 2.5)
    recorder.stop()

    seen = Footage.read(recorder.file)
    assert close_to(seen.colour(before, 320, 360), BLUE)
    assert close_to(seen.colour(gone, 60, 100), DARK.placeholder), "bob alone has the whole picture"
    assert close_to(seen.colour(again, 320, 360), BLUE)
    assert seen.level(440, before - 0.5, before) > 0.1
    assert seen.level(440, gone - 0.5, gone) < 0.01
    assert seen.level(440, again - 0.5, again) > 0.1
    assert seen.level(1000, gone - 0.5, gone) > 0.1


def test_a_camera_that_is_turned_and_grows_stays_whole_and_upright(stage: Stagehand) -> None:
    ann = stage.come("ann", colour=BLUE, has_audio=False)
    recorder = stage.record().until_started()
    level = recorder.wait_until(1.5)
    ann.do("change", rotation=3)
    turned = recorder.wait_until(recorder.now_s() + 1.5)
    ann.do("change", rotation=0, width=960, height=720)
    grown = recorder.wait_until(recorder.now_s() + 1.5)
    recorder.stop()

    seen = Footage.read(recorder.file)
    assert close_to(seen.colour(level, 10, 10), BLUE)
    assert close_to(seen.colour(turned, 640, 20), BLUE)
    assert close_to(seen.colour(turned, 400, 360), DARK.background), "640x360 on its side is 405 wide"
    assert close_to(seen.colour(grown, 200, 360), BLUE)
    assert close_to(seen.colour(grown, 100, 360), DARK.background), "4:3 is 960 wide"


def test_a_screen_is_seen_and_heard_beside_whoever_shares_it(stage: Stagehand) -> None:
    stage.come("ann", colour=BLUE, tone_hz=440)
    recorder = stage.record().until_started()
    before = recorder.wait_until(1.5)
    bob = stage.come("bob", colour=RED, tone_hz=1000, screen=True)
    shared = recorder.wait_until(recorder.now_s() + 2.0)
    bob.do("leave")
    after = recorder.wait_until(recorder.now_s() + 1.5)
    recorder.stop()

    seen = Footage.read(recorder.file)
    assert close_to(seen.colour(before, 640, 360), BLUE)
    assert close_to(seen.colour(shared, 480, 360), RED)
    assert close_to(seen.colour(shared, 1120, 360), BLUE)
    assert close_to(seen.colour(after, 640, 360), BLUE)
    assert seen.level(1000, before - 0.5, before) < 0.01
    assert min(seen.level(hz, shared - 0.5, shared) for hz in (440, 1000)) > 0.03
