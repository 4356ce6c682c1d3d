"""`rtcstack up` on a machine where everything is provisioned, until it is ready."""

import time

from tests.bench.figures import Figure, of
from tests.support.appliance import Appliance

_TIMES = 5
_READY_S = 8


def measure(appliance: Appliance) -> list[Figure]:
    """Time the command with a new data folder and then with a used one; the appliance runs before and after."""
    raw = []
    for _ in range(_TIMES):
        appliance.stop()
        began = time.monotonic()
        appliance.start()
        raw.append(time.monotonic() - began)
    return [of("rtcstack up --detach until ready", raw, "s", target=_READY_S)]
