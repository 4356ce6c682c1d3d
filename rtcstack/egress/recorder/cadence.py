"""Which ticks are worth a picture: each of them, but where nothing is made of them than an image now and then."""

from rtcstack.egress.outputs import Outputs


class Cadence:
    """`is_due` is asked tick by tick; an image that could not be taken in time is due until it is."""

    def __init__(self, outputs: Outputs, framerate: int) -> None:
        self.is_sparse = not outputs.has_sound
        """Whether ticks are so far apart that none follows upon the one before."""
        self._intervals = [image.interval_s * framerate for image in outputs.images]

    def is_due(self, tick: int, sent_tick: int) -> bool:
        """Whether the tick is to have a picture; `sent_tick` is the last one that had."""
        if not self.is_sparse:
            return True
        return any(tick // interval != sent_tick // interval for interval in self._intervals)
