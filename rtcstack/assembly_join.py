"""What links into rooms need, and what may be done to those who came."""

from rtcstack.clock import Clock
from rtcstack.domain.invite import link_key
from rtcstack.ports.database import Database
from rtcstack.ports.livekit import LiveKit
from rtcstack.services.invites import Invites
from rtcstack.services.participant_mute import ParticipantMute
from rtcstack.services.rooms import Rooms
from rtcstack.settings import Settings


def guests(
    settings: Settings, db: Database, clock: Clock, livekit: LiveKit, rooms: Rooms
) -> tuple[Invites, ParticipantMute]:
    invites = Invites(
        db,
        clock,
        livekit,
        rooms,
        key=link_key(settings.livekit.api_secret.get_secret_value()),
        open_rooms=settings.join.open_rooms,
    )
    return invites, ParticipantMute(db, clock, livekit, rooms)
