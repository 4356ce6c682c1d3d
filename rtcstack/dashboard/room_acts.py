"""What is done with a room by one button."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from rtcstack.dashboard.fields import AnyRequest, Fields
from rtcstack.dashboard.pages import done
from rtcstack.dashboard.viewer import Viewer
from rtcstack.errors import NotFound
from rtcstack.services.composite import CompositeOptions
from rtcstack.services.participant_mute import Muting, ParticipantMute
from rtcstack.services.recording_layout import RecordingLayout
from rtcstack.services.recording_pause import RecordingPause
from rtcstack.services.recording_start import RecordingStart
from rtcstack.services.recording_stop import RecordingStop
from rtcstack.services.rooms import Rooms


def _called(fields: Fields) -> str:
    """Return by which name the page shows somebody; without one, the identity."""
    return fields.text("called") or fields.secret("identity")


@dataclass(frozen=True)
class RoomActs:
    """What can be done with a room by one button. Each returns what to say of it, and raises what its service raises."""

    rooms: Rooms
    start: RecordingStart
    stop: RecordingStop
    pause: RecordingPause
    layout: RecordingLayout
    mute: ParticipantMute

    async def on_record(self, tenant_id: str, room_id: str, fields: Fields) -> str:
        is_audio_only = bool(fields.text("audio_only"))
        options = CompositeOptions(layout=fields.text("layout") or None, audio_only=is_audio_only)
        await self.start.start_new(tenant_id, room_id, options)
        return "The recording has started."

    async def on_stop(self, tenant_id: str, room_id: str, _fields: Fields) -> str:
        await self.stop.stop(tenant_id, room_id)
        return "The recording is being finished."

    async def on_pause(self, tenant_id: str, room_id: str, _fields: Fields) -> str:
        await self.pause.pause(tenant_id, room_id)
        return "The recording is paused."

    async def on_resume(self, tenant_id: str, room_id: str, _fields: Fields) -> str:
        await self.pause.resume(tenant_id, room_id)
        return "The recording is resumed."

    async def on_layout(self, tenant_id: str, room_id: str, fields: Fields) -> str:
        await self.layout.change(tenant_id, room_id, fields.text("layout"), keeps_tiles=True)
        return f"The recording has the layout {fields.text('layout')} from now on."

    async def on_remove(self, tenant_id: str, room_id: str, fields: Fields) -> str:
        identity = fields.secret("identity")
        await self.rooms.remove_participant(tenant_id, room_id, identity)
        return f"{_called(fields)} was removed from the room."

    async def on_mute(self, tenant_id: str, room_id: str, fields: Fields) -> str:
        identity, asked = fields.secret("identity"), Muting(None, "microphone", muted=True)
        await self.mute.set_muted(tenant_id, room_id, identity, asked)
        return f"{_called(fields)} is muted."

    async def on_close(self, tenant_id: str, room_id: str, _fields: Fields) -> str:
        await self.rooms.close(tenant_id, room_id)
        return "The room is closed."


@post("/rooms/{room_id:str}/{act:str}", status_code=200)
async def act_on_room(
    request: AnyRequest,
    room_id: FromPath[str],
    act: FromPath[str],
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    rooms: NamedDependency[Rooms],
    recording_start: NamedDependency[RecordingStart],
    recording_stop: NamedDependency[RecordingStop],
    recording_pause: NamedDependency[RecordingPause],
    recording_layout: NamedDependency[RecordingLayout],
    participant_mute: NamedDependency[ParticipantMute],
) -> Response[Any]:
    """Raises `NotFound` for what cannot be done with a room."""
    acts = RoomActs(
        rooms, recording_start, recording_stop, recording_pause, recording_layout, participant_mute
    )
    work = getattr(acts, f"on_{act}", None)
    if work is None:
        raise NotFound("There is no such page.")
    return done(request, await work(viewer.tenant_id, room_id, fields), to=f"/rooms/{room_id}")
