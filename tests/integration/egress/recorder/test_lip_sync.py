"""A flash and a beep sent together lie within 40 ms of each other in the file.

Most of them: a machine that is busy elsewhere shifts one now and then. `scripts/bench lip_sync` looks at each.
"""

from statistics import median

from tests.integration.egress.recorder.footage import Footage
from tests.integration.egress.recorder.harness import Stagehand

LIMIT_S = 0.040


def offsets(footage: Footage) -> list[float]:
    beeps = footage.beeps()
    return [min((beep - flash for beep in beeps), key=abs) for flash in footage.flashes()]


def test_flash_and_beep_stay_together(stage: Stagehand) -> None:
    stage.come("ann", flashes=True, tone_hz=1000)
    recorder = stage.record().until_started()
    recorder.wait_until(12.5)
    recorder.stop()

    measured = offsets(Footage.read(recorder.file))
    assert len(measured) >= 11
    assert median(map(abs, measured)) <= LIMIT_S, [round(offset * 1000) for offset in measured]


def test_flash_and_beep_stay_together_when_somebody_joins_later(stage: Stagehand) -> None:
    recorder = stage.record().until_started()
    recorder.wait_until(1.0)
    stage.come("ann", flashes=True, tone_hz=1000)
    recorder.wait_until(8.5)
    recorder.stop()

    measured = offsets(Footage.read(recorder.file))
    assert len(measured) >= 5
    assert median(map(abs, measured)) <= LIMIT_S, [round(offset * 1000) for offset in measured]
