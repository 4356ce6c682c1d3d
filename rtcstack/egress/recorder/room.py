"""One connection to the room: joins hidden, subscribes to what the director wants, and sets the stage after every event."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence

from livekit import rtc
from livekit.rtc.room import EventTypes

from rtcstack.egress import livekit_token
from rtcstack.egress.job import RecordingJob
from rtcstack.egress.recorder.clock import NS
from rtcstack.egress.recorder.director import Director, Placed, Plan
from rtcstack.egress.recorder.hold import Hold
from rtcstack.egress.recorder.hub import Hub
from rtcstack.egress.recorder.media import MOST_HELD_PX, AudioInlet, VideoInlet
from rtcstack.egress.recorder.outages import Outages
from rtcstack.egress.recorder.selection import Person, is_present, is_screen, is_video, people_of, tracks_of
from rtcstack.egress.recorder.stage import Scene, Stage, Tile
from rtcstack.egress.recorder.subscriptions import Inlet, Subscriptions
from rtcstack.egress.recorder.text import drawable
from rtcstack.egress.recorder.voice import speaking

_TOKEN_TTL_S = 600
_CONNECT_TIMEOUT_S = 5.0
JOIN_TIMEOUT_S = 10.0
"""The library's own limit is for the signalling alone; it waits 15 s for media, and then joins once more by itself, which
would make a room anew that was deleted meanwhile."""
_MOST_HELD_PX_IN_ALL = 60_000_000
"""90 MB."""
_NOBODY = (rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS, rtc.ParticipantKind.PARTICIPANT_KIND_AGENT)
_CHANGES: tuple[EventTypes, ...] = (
    "participant_connected",
    "participant_disconnected",
    "participant_name_changed",
    "track_published",
    "track_unpublished",
    "track_subscribed",
    "track_unsubscribed",
    "track_muted",
    "track_unmuted",
)


def join_token(job: RecordingJob) -> str:
    """Mint the token of a hidden recorder; for each connection anew, since nothing renews an old one for us."""
    video: dict[str, bool | str] = {
        "roomJoin": True,
        "room": job.room_name,
        "hidden": True,
        "recorder": True,
        "canSubscribe": True,
        "canPublish": False,
        "canPublishData": False,
    }
    return livekit_token.mint(
        job.api_key, job.api_secret, video, ttl_s=_TOKEN_TTL_S, identity=job.egress_id, kind="egress"
    )


class RoomSession:
    """After every event the stage is set anew from what the room is now."""

    def __init__(
        self,
        job: RecordingJob,
        hub: Hub,
        director: Director,
        stage: Stage,
        on_gone: Callable[[rtc.DisconnectReason.ValueType], None],
        outages: Outages | None = None,
    ) -> None:
        self._job, self._director, self._stage = job, director, stage
        self._outages = outages or Outages(hub)
        self._loop = asyncio.get_running_loop()
        self._room = rtc.Room(self._loop)
        self._subscriptions = Subscriptions(hub, is_mixed=job.has_audio)
        self._holds: dict[str, Hold] = {}
        self._again: asyncio.TimerHandle | None = None
        self._is_released = False
        for change in _CHANGES:
            self._room.on(change, lambda *_: self._set_stage())
        self._room.on("participant_metadata_changed", self._read_metadata)
        self._room.on("reconnecting", self._outages.begin)
        self._room.on("reconnected", self._reconnected)
        self._room.on("disconnected", on_gone)

    async def join(self) -> None:
        """Connect and subscribe to whoever is there.

        Raises:
            rtc.ConnectError: LiveKit cannot be reached or refuses.
            TimeoutError: it takes too long. The native library may still succeed, and remove a later connection of the
                same identity then: this process is not to try again.
        """
        # Over a connection of its own the first picture comes 0.3 s after joining; over the shared one, whose first
        # request for a keyframe is lost, after 0.8 s (measured with LiveKit 1.13.5).
        options = rtc.RoomOptions(
            auto_subscribe=False, connect_timeout=_CONNECT_TIMEOUT_S, single_peer_connection=False
        )
        async with asyncio.timeout(JOIN_TIMEOUT_S):
            await self._room.connect(self._job.ws_url, join_token(self._job), options)
        self._set_stage()

    async def leave(self) -> None:
        self.release()
        await self._room.disconnect()

    async def sid(self) -> str:
        """Return LiveKit's id of the room that was joined."""
        return await self._room.sid

    def is_source_present(self) -> bool:
        """Whether what is to be recorded is in the room."""
        return is_present(self._job.source, people_of(self._room))

    def has_people(self) -> bool:
        """Whether anybody is there but recorders and programs."""
        return any(person.kind not in _NOBODY for person in self._room.remote_participants.values())

    def ask_again(self) -> None:
        """Repeat what LiveKit may have lost while reconnecting."""
        if self._room.isconnected():
            self._subscriptions.ask_again()
        self._set_stage()

    def _reconnected(self) -> None:
        self._outages.end()
        self._subscriptions.forget_sizes()
        self.ask_again()

    def release(self) -> None:
        """Close every stream of this connection and clear the stage."""
        self._is_released = True  # events may come until the connection ends
        if self._again is not None:
            self._again.cancel()
        self._subscriptions.close()
        self._stage.scene = Scene(is_light=self._director.is_light, is_bare=self._director.is_bare)

    def inlets(self) -> dict[str, Inlet]:
        """Return the open inlets by track id."""
        return self._subscriptions.inlets()

    def tracks(self) -> dict[str, rtc.Track]:
        """Return the tracks that are being received, by id."""
        return self._subscriptions.tracks()

    def published_size(self) -> tuple[int, int] | None:
        """Return width and height of the single track that is recorded; None when that is a sound."""
        for _, track in tracks_of(people_of(self._room)):
            if track.sid == self._job.source.track_id and is_video(track):
                return track.width, track.height
        return None

    def siblings(self) -> Iterator[tuple[str, str]]:
        """Yield (sound's track id, picture's track id) of tracks that were made together."""
        tracks = list(tracks_of(people_of(self._room)))
        pictures = {(person.sid, is_screen(track)): track.sid for person, track in tracks if is_video(track)}
        for person, track in tracks:
            picture = pictures.get((person.sid, is_screen(track)))
            if picture and not is_video(track):
                yield track.sid, picture

    async def stats(self) -> rtc.RtcStats:
        return await self._room.get_rtc_stats()

    def _read_metadata(self, participant: rtc.Participant, _old: str, metadata: str) -> None:
        """LiveKit's UpdateLayout arrives as metadata of our own (`livekit/pkg/service/egress.go`)."""
        if participant.identity != self._job.egress_id:
            return
        try:
            told = json.loads(metadata)
        except ValueError:
            return
        if isinstance(told, dict) and isinstance(told.get("layout"), str):
            self._director.change_layout(told["layout"])
            self._set_stage()

    def _set_stage(self) -> None:
        if self._is_released or not self._room.isconnected():
            return
        people = people_of(self._room)
        self._hear(people)
        plan = self._director.plan(people, self._with_picture(), time.monotonic_ns())
        published = {track.sid for _, track in tracks_of(people)}
        self._subscriptions.update(plan.wanted(), plan.sizes(), published)
        self._hold(people)
        self._stage.scene = self._scene(plan)
        if self._again is not None:
            self._again.cancel()
        if plan.again_ns is not None:
            self._again = self._loop.call_later(plan.again_ns / NS, self._set_stage)

    def _hold(self, people: Sequence[Person]) -> None:
        """Hold back all that one participant sends together. Where there are many pictures there is less room for each one's."""
        inlets = self.inlets()
        self._holds = {person.sid: self._holds.get(person.sid) or Hold() for person in people}
        videos = sum(isinstance(inlet, VideoInlet) for inlet in inlets.values())
        for person, track in tracks_of(people):
            inlet = inlets.get(track.sid)
            if inlet is not None:
                inlet.hold = self._holds[person.sid]
            if isinstance(inlet, VideoInlet):
                inlet.most_px = min(MOST_HELD_PX, _MOST_HELD_PX_IN_ALL // max(1, videos))

    def _hear(self, people: Sequence[Person]) -> None:
        inlets = self.inlets().items()
        voices = {sid: inlet.voice for sid, inlet in inlets if isinstance(inlet, AudioInlet)}
        self._director.hear(speaking(people, voices))

    def _with_picture(self) -> frozenset[str]:
        inlets = self.inlets().items()
        return frozenset(sid for sid, inlet in inlets if isinstance(inlet, VideoInlet) and inlet.has_any)

    def _scene(self, plan: Plan) -> Scene:
        inlets = self.inlets()
        sounds = tuple(inlets[track.sid] for track in plan.heard if track.sid in inlets)
        return Scene(
            tiles=tuple(self._tile(placed, inlets) for placed in plan.placed),
            sounds=tuple(sound for sound in sounds if isinstance(sound, AudioInlet)),
            is_light=self._director.is_light,
            is_bare=self._director.is_bare,
        )

    def _tile(self, placed: Placed, inlets: dict[str, Inlet]) -> Tile:
        seen, person = placed.seen, placed.seen.person
        inlet, name = inlets.get(seen.key), person.name or person.identity
        drawable(name)  # looks for fonts here and now, so that the conductor does not lose time with it
        return Tile(
            key=seen.key,
            video=inlet if isinstance(inlet, VideoInlet) else None,
            cell=placed.cell,
            has_camera=seen.publication is not None and not seen.publication.muted,
            name=name,
            is_screen=seen.is_screen,
            is_speaking=not seen.is_screen and self._director.is_speaking(person),
        )
