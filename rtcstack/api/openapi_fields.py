"""What each field of a body means: every surface has a table of its own, and the same words stand in webhooks."""

from collections.abc import Mapping
from typing import Final

from rtcstack.api.admin.fields import FIELDS as ADMIN
from rtcstack.api.clips.fields import FIELDS as CLIPS
from rtcstack.api.halls.fields import FIELDS as HALLS
from rtcstack.api.library.fields import FIELDS as LIBRARY
from rtcstack.api.rooms.fields import FIELDS as ROOMS
from rtcstack.api.settings.fields import FIELDS as SETTINGS
from rtcstack.api.webhooks.fields import FIELDS as WEBHOOKS

FIELDS: Final[Mapping[str, str]] = {
    "data": "What was asked for.",
    "next_cursor": "The `cursor` of the next page; null on the last one.",
    "room_id": "The room's id; a hall's id is one as well.",
    "recording_id": "The recording's id, `rec_…`.",
    "ErrorBody.error": "What went wrong.",
    "ErrorDetail.code": "A stable word for programs.",
    "ErrorDetail.message": "What went wrong and what to do, for people.",
    "ErrorDetail.request_id": "Also in the header `x-request-id`; it finds the call in the server's log.",
    "ErrorDetail.details": "What helps to mend it; for a 400 `fields`, a list of `{field, message}`.",
    **ROOMS,
    **HALLS,
    **CLIPS,
    **LIBRARY,
    **SETTINGS,
    **WEBHOOKS,
    **ADMIN,
}


def about(schema: str, field: str) -> str | None:
    """Return what the field means there, or wherever it is called so."""
    return FIELDS.get(f"{schema}.{field}") or FIELDS.get(field)
