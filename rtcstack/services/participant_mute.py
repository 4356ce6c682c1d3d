"""Mute somebody's tracks, for a moderator who is not in the room."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from rtcstack.clock import Clock
from rtcstack.domain.audit import Action
from rtcstack.domain.room import Room
from rtcstack.errors import TrackNotFound
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import LiveKit, Participant, Track, TrackSource
from rtcstack.services.audit import record
from rtcstack.services.rooms import Rooms


@dataclass(frozen=True)
class Muting:
    """Which tracks, the one of `track_sid` or else all of `source`, and what they shall be."""

    track_sid: str | None
    source: TrackSource
    muted: bool


class ParticipantMute:
    def __init__(self, db: Database, clock: Clock, livekit: LiveKit, rooms: Rooms) -> None:
        self._db, self._clock, self._livekit, self._rooms = db, clock, livekit, rooms

    async def set_muted(self, tenant_id: str, room_id: str, identity: str, asked: Muting) -> Participant:
        """Mute the tracks, or unmute them, and return the participant as they are then.

        Nothing is done to what is so already; somebody without such a source is fine, for then there is nothing to be heard or
        seen. They may unmute themselves, which LiveKit leaves to them.

        Raises:
            RoomNotFound, ParticipantNotFound: there is none; a recorder is no participant.
            TrackNotFound: they publish no track of that sid.
            UnmuteRefused: LiveKit is not configured to unmute others.
        """
        room = await self._rooms.get(tenant_id, room_id)
        participant = await self._livekit.get_participant(room.livekit_name, identity)
        done = {}
        for track in _chosen(participant, asked):
            if track.is_muted != asked.muted:
                # Of a source, one that is taken away in that very moment is one that there is not.
                with suppress(*(() if asked.track_sid else (TrackNotFound,))):
                    done[track.sid] = await self._set(room, identity, track, muted=asked.muted)
        return replace(participant, tracks=tuple(done.get(track.sid, track) for track in participant.tracks))

    async def _set(self, room: Room, identity: str, track: Track, *, muted: bool) -> Track:
        await self._livekit.mute_track(room.livekit_name, identity, track.sid, muted=muted)
        action = Action.PARTICIPANT_MUTE if muted else Action.PARTICIPANT_UNMUTE
        about = {"identity": identity, "source": track.source, "track": track.sid}
        now_ms = self._clock.now_ms()
        async with self._db.transaction() as tx:
            await record(tx, action, room.tenant_id, room.id, now_ms, **about)
        return replace(track, is_muted=muted)


def _chosen(participant: Participant, asked: Muting) -> Sequence[Track]:
    if asked.track_sid is None:
        return [track for track in participant.tracks if track.source == asked.source]
    found = [track for track in participant.tracks if track.sid == asked.track_sid]
    if not found:
        raise TrackNotFound(f"{participant.identity} publishes no track {asked.track_sid}.")
    return found
