"""Somebody behind a bad network: 5 % of the packets lost both ways, the others delayed by anything up to 200 ms."""

from itertools import pairwise
from statistics import median

import numpy as np
import pytest

from rtcstack.demo import hearing, sight
from rtcstack.demo.schedule import Media
from rtcstack.demo.tone import AMPLITUDE
from tests.integration.egress.recorder.harness import Stagehand
from tests.support import picture_numbers
from tests.support.lossy_network import LossyNetwork

SECONDS = 15
MEDIA = Media(sound="beep")
FAR_MS = 300
"""Near enough to belong together, on a busy machine too; the bound of 80 ms is measured by `scripts/bench lip_sync_loss`."""
LOUDEST = 3 * 2**0.5 * AMPLITUDE * 1.05
"""What stands in for lost sound is made by WebRTC of what was heard before, at times of two stretches of it at once, or three, that
grow into each other over some 25 ms; both channels of a recording are one here, louder by the square root of two.
"""
HEARD = AMPLITUDE / 10


def test_a_bad_network_costs_pictures_and_sound_but_not_their_order(stage: Stagehand) -> None:
    with LossyNetwork(stage.livekit) as network:
        with network.participant(stage.livekit.ws_url, stage.token("far"), 0, MEDIA):
            recorder = stage.record().until_started()
            recorder.wait_until(SECONDS)
            ended = recorder.stop()
        assert network.passed.lost > 20, "nothing went through the bad network"

    frames = list(sight.look(recorder.file, [0]))
    assert frames[-1].time_s + 1 / 30 == pytest.approx(ended.duration_ms / 1000, abs=0.002)
    numbers = [frame.seen[0].number for frame in frames if frame.seen]
    assert len(set(numbers)) > SECONDS // 2, "it is seen moving"
    assert all(later >= one for one, later in pairwise(numbers))

    sound = hearing.load(recorder.file)
    assert len(sound) / hearing.SAMPLE_RATE == pytest.approx(ended.duration_ms / 1000, abs=0.05)
    assert np.abs(sound).max() < LOUDEST, "noise in place of what was lost"
    assert (np.abs(sound) > HEARD).mean() < 0.5, "beeps and silence between them"
    offsets = [abs(offset) for _, offset in picture_numbers.offsets_ms(recorder.file, 0, MEDIA.framerate)]
    assert offsets, "no beep is heard with pictures around it"
    assert median(offsets) <= FAR_MS, offsets
