"""The room as the recorder sees it: joins hidden, subscribes to what belongs into the picture, sets the stage."""

import asyncio
import math
from collections.abc import Callable, Iterator
from datetime import timedelta

from livekit import api, rtc
from livekit.rtc.room import EventTypes

from rtcstack.egress.job import RecordingJob
from rtcstack.egress.recorder.hub import Hub
from rtcstack.egress.recorder.media import AudioInlet, VideoInlet
from rtcstack.egress.recorder.stage import Scene, Stage, Tile
from rtcstack.log import get

log = get(__name__)

_SCREEN, _CAMERA = rtc.TrackSource.SOURCE_SCREENSHARE, rtc.TrackSource.SOURCE_CAMERA
_VIDEO = (_SCREEN, _CAMERA)
_AUDIO = (rtc.TrackSource.SOURCE_MICROPHONE, rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO)
_TOKEN_TTL = timedelta(minutes=10)
_CONNECT_TIMEOUT_S = 5.0
_CHANGES: tuple[EventTypes, ...] = (
    "participant_connected",
    "participant_disconnected",
    "track_published",
    "track_unpublished",
    "track_subscribed",
    "track_unsubscribed",
    "track_muted",
    "track_unmuted",
)

Publication = rtc.RemoteTrackPublication


def join_token(job: RecordingJob) -> str:
    """Mint the token of a hidden recorder; for each connection anew, since nothing renews an old one for us."""
    grants = api.VideoGrants(
        room_join=True,
        room=job.room_name,
        hidden=True,
        recorder=True,
        can_subscribe=True,
        can_publish=False,
        can_publish_data=False,
    )
    token = api.AccessToken(job.api_key, job.api_secret).with_identity(job.egress_id).with_kind("egress")
    return token.with_grants(grants).with_ttl(_TOKEN_TTL).to_jwt()


class RoomSession:
    """One connection to the room. After every event the stage is set anew from what the room is now."""

    def __init__(
        self,
        job: RecordingJob,
        hub: Hub,
        stage: Stage,
        on_gone: Callable[[rtc.DisconnectReason.ValueType], None],
    ) -> None:
        self._job, self._hub, self._stage = job, hub, stage
        self._room = rtc.Room(asyncio.get_running_loop())
        self._asked: dict[str, Publication] = {}
        self._inlets: dict[str, tuple[rtc.Track, VideoInlet | AudioInlet]] = {}
        for change in _CHANGES:
            self._room.on(change, lambda *_: self._set_stage())
        self._room.on("reconnected", self.ask_again)
        self._room.on("disconnected", on_gone)

    async def join(self) -> None:
        """Connect and subscribe to whoever is there.

        Raises:
            rtc.ConnectError: LiveKit cannot be reached or refuses.
        """
        # Over a connection of its own the first picture comes 0.3 s after joining; over the shared one, whose first
        # request for a keyframe is lost, after 0.8 s (measured with LiveKit 1.13.5).
        options = rtc.RoomOptions(
            auto_subscribe=False, connect_timeout=_CONNECT_TIMEOUT_S, single_peer_connection=False
        )
        await self._room.connect(self._job.ws_url, join_token(self._job), options)
        self._set_stage()

    async def leave(self) -> None:
        self.release()
        await self._room.disconnect()

    async def sid(self) -> str:
        """Return LiveKit's id of the room that was joined."""
        return await self._room.sid

    def ask_again(self) -> None:
        """Repeat the request for every track that has not come: LiveKit loses those made while reconnecting."""
        for publication in self._asked.values() if self._room.isconnected() else ():
            if publication.track is None:
                publication.set_subscribed(True)
        self._set_stage()

    def release(self) -> None:
        """Close every stream of this connection and clear the stage."""
        for sid in list(self._inlets):
            self._close(sid)
        self._stage.scene = Scene()

    def inlets(self) -> dict[str, VideoInlet | AudioInlet]:
        """Return the open inlets by track id."""
        return {sid: inlet for sid, (_, inlet) in self._inlets.items()}

    def tracks(self) -> dict[str, rtc.Track]:
        """Return the tracks that are being received, by id."""
        return {sid: track for sid, (track, _) in self._inlets.items()}

    def siblings(self) -> Iterator[tuple[str, str]]:
        """Yield (sound's track id, picture's track id) of tracks that were made together."""
        for participant in self._people():
            tracks = {p.source: p.sid for p in participant.track_publications.values()}
            for sound, picture in zip(_AUDIO, (_CAMERA, _SCREEN), strict=True):
                if sound in tracks and picture in tracks:
                    yield tracks[sound], tracks[picture]

    async def stats(self) -> rtc.RtcStats:
        return await self._room.get_rtc_stats()

    def _people(self) -> list[rtc.RemoteParticipant]:
        """Return everybody but recorders, in the order of joining."""
        everyone = self._room.remote_participants.values()
        people = [p for p in everyone if p.kind != rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS]
        return sorted(
            people, key=lambda p: (p.joined_at.timestamp() if p.joined_at else math.inf, p.identity)
        )

    def _publications(self) -> Iterator[Publication]:
        wanted = (*_VIDEO * self._job.has_video, *_AUDIO * self._job.has_audio)
        for participant in self._people():
            yield from (p for p in participant.track_publications.values() if p.source in wanted)

    def _set_stage(self) -> None:
        if not self._room.isconnected():
            return
        publications = {p.sid: p for p in self._publications()}
        self._subscribe(publications)
        self._sync_inlets(publications)
        inlets = self.inlets()
        sounds = tuple(inlet for inlet in inlets.values() if isinstance(inlet, AudioInlet))
        self._stage.scene = Scene(tuple(self._tiles(inlets)), sounds)

    def _subscribe(self, publications: dict[str, Publication]) -> None:
        self._asked = {sid: asked for sid, asked in self._asked.items() if publications.get(sid) is asked}
        for sid, publication in publications.items():
            if sid not in self._asked:
                publication.set_subscribed(True)
                self._asked[sid] = publication

    def _sync_inlets(self, publications: dict[str, Publication]) -> None:
        """Keep a stream open for each subscribed track that is not muted, and none besides."""
        live = {sid: p.track for sid, p in publications.items() if p.track is not None and not p.muted}
        for sid, (track, _) in list(self._inlets.items()):
            if live.get(sid) is not track:
                self._close(sid)
        for sid, track in live.items():
            if sid not in self._inlets:
                self._inlets[sid] = (track, self._open(track))

    def _open(self, track: rtc.Track) -> VideoInlet | AudioInlet:
        if track.kind == rtc.TrackKind.KIND_VIDEO:
            return self._hub.open_video(track)
        return self._hub.open_audio(track)

    def _close(self, sid: str) -> None:
        _, inlet = self._inlets.pop(sid)
        self._hub.close(inlet)

    def _tiles(self, inlets: dict[str, VideoInlet | AudioInlet]) -> Iterator[Tile]:
        """Screen shares first, then whoever has a camera or a microphone; one who only watches gets no tile."""
        by_source: dict[int, list[Tile]] = {source: [] for source in _VIDEO}
        for participant in self._people():
            publications = [
                p for p in participant.track_publications.values() if p.source in (*_VIDEO, *_AUDIO)
            ]
            for publication in publications:
                if publication.source in _VIDEO:
                    inlet = inlets.get(publication.sid)
                    assert not isinstance(inlet, AudioInlet)
                    by_source[publication.source].append(Tile(publication.sid, inlet))
            if publications and not any(p.source in _VIDEO for p in publications):
                by_source[_CAMERA].append(Tile(participant.sid, None))
        return iter(by_source[_SCREEN] + by_source[_CAMERA])
