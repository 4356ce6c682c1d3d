"""Posters and storyboards of recordings: where their pictures lie."""

import json

from rtcstack.domain.previews import Previews, StoryboardSheet
from rtcstack.ports.database import Reader, Row, Tx

_FIND = "SELECT recording_id, poster_key, storyboard, created_at_ms FROM previews WHERE recording_id = :recording_id"
_PUT = """INSERT INTO previews (recording_id, poster_key, storyboard, created_at_ms)
    VALUES (:recording_id, :poster_key, :storyboard, :created_at_ms)
    ON CONFLICT (recording_id) DO UPDATE SET poster_key = excluded.poster_key, storyboard = excluded.storyboard,
        created_at_ms = excluded.created_at_ms"""


async def find(reader: Reader, recording_id: str) -> Previews | None:
    row = await reader.find(_FIND, recording_id=recording_id)
    return previews_of(row) if row else None


def previews_of(row: Row) -> Previews:
    """Return what stands in a row with all of the table's columns."""
    board = json.loads(row["storyboard"])
    return Previews(
        recording_id=row["recording_id"],
        poster_key=row["poster_key"],
        tile_width=board["tile_width"],
        tile_height=board["tile_height"],
        interval_ms=board["interval_ms"],
        sheets=tuple(StoryboardSheet(**sheet) for sheet in board["sheets"]),
        created_at_ms=row["created_at_ms"],
    )


async def put(tx: Tx, previews: Previews) -> None:
    """Insert them, or put them in the place of older ones."""
    board = {
        "tile_width": previews.tile_width,
        "tile_height": previews.tile_height,
        "interval_ms": previews.interval_ms,
        "sheets": [
            {"key": sheet.key, "columns": sheet.columns, "tiles": sheet.tiles} for sheet in previews.sheets
        ],
    }
    await tx.execute(
        _PUT,
        recording_id=previews.recording_id,
        poster_key=previews.poster_key,
        storyboard=json.dumps(board),
        created_at_ms=previews.created_at_ms,
    )
