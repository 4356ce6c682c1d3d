"""What each field of clips and previews means, for the OpenAPI document and for webhooks."""

from collections.abc import Mapping
from typing import Final

_UTC: Final = "ISO 8601 in UTC, to the millisecond"

FIELDS: Final[Mapping[str, str]] = {
    "clip_id": "The clip's id, `clip_…`.",
    "label": "For people; a part of the file's name is made of it.",
    "start_seconds": "Where it begins, in seconds of the recording.",
    "end_seconds": "Where it ends, in seconds of the recording.",
    "CreateClipRequest.mode": "`reencode` encodes every picture anew, `smart` only those that must be, and copies the rest.",
    **{
        f"{schema}.{field}": text
        for schema in ("ClipObject", "ClipDetails")
        for field, text in {
            "status": "`complete` when its file is in the bucket.",
            "created_at": f"When it was asked for: {_UTC}.",
        }.items()
    },
    "ClipDetails.progress": "How much is done, from 0 to 1.",
    "ClipDetails.download_url": "A link that expires; null until it is complete, and where the key of the bucket may not read.",
    "ClipDetails.error_code": "A stable word for why it has failed; there only then.",
    "ClipDetails.error": "Why it has failed; there only then.",
    "PreviewsBody.poster_url": "A link, which expires, to a picture of the recording as JPEG.",
    "PreviewsBody.storyboard": "Pictures at even distances, for a player's time line.",
    "StoryboardBody.vtt_url": "The path of the WebVTT file that says where in which sprite each picture lies.",
    "StoryboardBody.interval_seconds": "How far apart the pictures lie, in seconds.",
    "StoryboardBody.tile_width": "Pixels of one picture.",
    "StoryboardBody.tile_height": "Pixels of one picture.",
}
