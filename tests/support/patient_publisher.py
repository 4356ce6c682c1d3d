"""Participants of crowds: on a machine that is busy with fifty of them some need another try to get in."""

from abc import ABC, abstractmethod

from livekit import rtc

_TRIES = 10


class PatientPublisher(ABC):
    """Whoever is one makes its source first, and says what it publishes."""

    def __init__(self) -> None:
        self._room = rtc.Room()

    async def join(self, url: str, token: str) -> None:
        """Connect and publish."""
        for tries_left in reversed(range(_TRIES)):
            try:
                await self._room.connect(url, token, rtc.RoomOptions(auto_subscribe=False))
                await self._room.local_participant.publish_track(*self._published())
            except (rtc.ConnectError, rtc.participant.PublishTrackError):
                if not tries_left:
                    raise
                await self._room.disconnect()
                self._room = rtc.Room()
            else:
                return

    @abstractmethod
    def _published(self) -> tuple[rtc.LocalTrack, rtc.TrackPublishOptions]:
        """Make the track anew: one that could not be published is of no more use."""

    async def leave(self) -> None:
        await self._room.disconnect()
