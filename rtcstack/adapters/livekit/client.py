"""`ports/livekit.py` over LiveKit's server API, with one HTTP session for the whole process."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import aiohttp
from livekit import api
from livekit.protocol.models import DataPacket, ParticipantInfo

from rtcstack.adapters.livekit import tokens
from rtcstack.adapters.livekit.egress_info import snapshot
from rtcstack.adapters.livekit.events import EventReader, visitor
from rtcstack.adapters.livekit.failures import livekit_failures
from rtcstack.adapters.livekit.participants import is_shown, participant
from rtcstack.domain.egress import EgressSnapshot
from rtcstack.domain.room import Role
from rtcstack.errors import (
    EgressSilent,
    NotFound,
    ParticipantNotFound,
    PartRefused,
    PartUnavailable,
    RecordingNotActive,
    TrackNotFound,
    UnmuteRefused,
)
from rtcstack.ports.livekit import Composite, LiveKitEvent, Participant, RoomShape, Visitor

_START_TIMEOUT_S = 20.0
"""LiveKit asks the workers several times; whoever waits less long gives up earlier."""
_ENDED = "failed_precondition"
_SILENT_CODE, _SILENT_WORDS = "deadline_exceeded", "no response from servers"
"""How LiveKit 1.13.5 tells that no worker has answered: with this code, at times in psrpc's own words."""
_DELETE_TRIES = 3
_UNMUTE_IS_OFF = "failed_precondition"


class LiveKitClient:
    """Open before use, close at the end. `ping_bus` fails while LiveKit's Redis does not answer."""

    def __init__(
        self, http_url: str, api_key: str, api_secret: str, ping_bus: Callable[[], Awaitable[None]]
    ) -> None:
        self._http_url = http_url
        self._key, self._secret = api_key, api_secret
        self._failures = partial(livekit_failures, ping_bus)
        self._events = EventReader(api_key, api_secret)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession()
        self._api = api.LiveKitAPI(
            self._http_url, self._key, self._secret, session=self._session, failover=False
        )

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def create_room(self, name: str, shape: RoomShape) -> None:
        request = api.CreateRoomRequest(
            name=name,
            max_participants=shape.max_participants or 0,
            metadata=shape.metadata,
            empty_timeout=tokens.LASTING_S if shape.is_lasting else 0,
            departure_timeout=tokens.LASTING_S if shape.is_lasting else 0,
        )
        async with self._failures():
            await self._api.room.create_room(request)

    async def has_room(self, name: str) -> bool:
        async with self._failures():
            found = await self._api.room.list_rooms(api.ListRoomsRequest(names=[name]))
        return len(found.rooms) > 0

    async def delete_room(self, name: str) -> None:
        """Of two calls at once LiveKit tells one that nobody answers for the room: it is gone then, or the next try does it."""
        for tries_left in reversed(range(_DELETE_TRIES)):
            try:
                async with self._failures():
                    await self._api.room.delete_room(api.DeleteRoomRequest(room=name))
            except NotFound:
                return
            except PartUnavailable as e:
                if not tries_left or "livekit_code" not in e.details:
                    raise
                if await self.has_room(name):
                    continue
            return

    async def list_participants(self, name: str) -> Sequence[Participant]:
        shown = [participant(p) for p in await self._list_participants(name) if is_shown(p)]
        return sorted(
            shown, key=lambda one: (one.joined_at_ms, one.identity)
        )  # LiveKit's order is another each time

    async def list_visitors(self, name: str) -> Sequence[Visitor]:
        return [visitor(p) for p in await self._list_participants(name)]

    async def _list_participants(self, name: str) -> Sequence[ParticipantInfo]:
        try:
            async with self._failures():
                found = await self._api.room.list_participants(api.ListParticipantsRequest(room=name))
        except NotFound:
            return []
        return list(found.participants)

    async def get_participant(self, name: str, identity: str) -> Participant:
        asked = api.RoomParticipantIdentity(room=name, identity=identity)
        async with self._about(name, identity):
            found = await self._api.room.get_participant(asked)
            if not is_shown(found):
                raise ParticipantNotFound(f"{identity} records the room.")
        return participant(found)

    async def remove_participant(self, name: str, identity: str) -> None:
        async with self._about(name, identity):
            await self._api.room.remove_participant(api.RoomParticipantIdentity(room=name, identity=identity))

    async def nudge(self, name: str, topic: str) -> None:
        kind, nonce = DataPacket.Kind.RELIABLE, secrets.token_bytes(16)
        message = api.SendDataRequest(room=name, topic=topic, kind=kind, nonce=nonce)
        async with self._failures():
            await self._api.room.send_data(message)

    async def mute_track(self, name: str, identity: str, track_sid: str, *, muted: bool) -> None:
        """LiveKit answers without a track when it is not published any more (`RoomManager.MutePublishedTrack`)."""
        asked = api.MuteRoomTrackRequest(room=name, identity=identity, track_sid=track_sid, muted=muted)
        try:
            async with self._about(name, identity):
                answer = await self._api.room.mute_published_track(asked)
        except PartRefused as e:
            if e.details.get("livekit_code") != _UNMUTE_IS_OFF:
                raise
            raise UnmuteRefused(
                "LiveKit lets people unmute nobody but themselves; room.enable_remote_unmute in its configuration allows it."
            ) from e
        if not answer.HasField("track"):
            raise TrackNotFound(f"{identity} publishes no track {track_sid}.")

    @asynccontextmanager
    async def _about(self, name: str, identity: str) -> AsyncIterator[None]:
        """Say who is missing, which LiveKit does not; of somebody who has just left it says that nobody answers for them."""
        try:
            async with self._failures(ParticipantNotFound):
                yield
        except (ParticipantNotFound, PartUnavailable) as e:
            if isinstance(e, PartUnavailable) and (
                _SILENT_WORDS not in e.message
                or any(one.identity == identity for one in await self._list_participants(name))
            ):
                raise
            raise ParticipantNotFound(f"There is nobody {identity} in the room.") from e

    async def start_composite(self, composite: Composite) -> EgressSnapshot:
        async with self._failures(does_it="egress", timeout_s=_START_TIMEOUT_S):
            return snapshot(await self._api.egress.start_room_composite_egress(_request(composite)))

    async def stop_egress(self, egress_id: str) -> bool:
        try:
            async with self._failures(NotFound, does_it="egress"):
                await self._api.egress.stop_egress(api.StopEgressRequest(egress_id=egress_id))
        except NotFound:
            return False
        except PartRefused as e:
            if e.details.get("livekit_code") != _ENDED:
                raise
            return False
        except PartUnavailable as e:
            if e.details.get("livekit_code") == _SILENT_CODE or _SILENT_WORDS in e.message:
                raise EgressSilent(
                    "No Egress worker answers for this recording.", part="egress", egress_id=egress_id
                ) from e
            raise
        return True

    async def update_layout(self, egress_id: str, layout: str) -> None:
        request = api.UpdateLayoutRequest(egress_id=egress_id, layout=layout)
        async with self._failures(RecordingNotActive, does_it="egress"):
            await self._api.egress.update_layout(request)

    async def list_egresses(self, room_name: str) -> Sequence[EgressSnapshot]:
        async with self._failures():
            found = await self._api.egress.list_egress(api.ListEgressRequest(room_name=room_name))
        return [snapshot(info) for info in found.items]

    async def list_running_egresses(self) -> Sequence[EgressSnapshot]:
        async with self._failures():
            found = await self._api.egress.list_egress(api.ListEgressRequest(active=True))
        return [snapshot(info) for info in found.items]

    async def ping(self) -> None:
        async with self._failures():
            await self._api.room.list_rooms(api.ListRoomsRequest(names=["-"]))

    def join_token(
        self, room_name: str, identity: str, name: str, role: Role, ttl_s: int, shape: RoomShape | None = None
    ) -> str:
        return tokens.join_token(
            self._key,
            self._secret,
            room=room_name,
            identity=identity,
            name=name,
            role=role,
            ttl_s=ttl_s,
            shape=shape,
        )

    def verify_event(self, body: bytes, authorization: str) -> LiveKitEvent:
        return self._events.verify(body, authorization)

    def read_event(self, body: str) -> LiveKitEvent:
        return self._events.read(body)


def _request(composite: Composite) -> api.RoomCompositeEgressRequest:
    """Ask for the object. Keys travel only to a recorder that can neither have nor ask for them (decision 0012)."""
    upload = api.S3Upload(bucket=composite.bucket, metadata=dict(composite.object_metadata))
    if access := composite.access:
        upload.endpoint, upload.region = access.endpoint, access.region
        upload.access_key, upload.secret = access.access_key_id, access.secret_access_key
        upload.force_path_style = access.path_style
    output = api.EncodedFileOutput(
        file_type=api.EncodedFileType.MP4,
        filepath=composite.object_key,
        disable_manifest=True,  # the API itself says what there is
        s3=upload,
    )
    request = api.RoomCompositeEgressRequest(
        room_name=composite.room_name,
        layout=composite.layout,
        audio_only=composite.audio_only,
        file_outputs=[output],
    )
    if options := _encoding(composite):
        request.advanced.CopyFrom(options)
    else:
        request.preset = api.EncodingOptionsPreset.H264_720P_30
    return request


def _encoding(composite: Composite) -> api.EncodingOptions | None:
    asked = (composite.width, composite.height, composite.framerate, composite.video_bitrate_kbps)
    if asked == (None,) * len(asked):
        return None
    width, height, framerate, bitrate = (value or 0 for value in asked)
    return api.EncodingOptions(width=width, height=height, framerate=framerate, video_bitrate=bitrate)
