"""A recording of which there is a film in the store, made without a meeting."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from minio import Minio

from tests.support.appliance import Appliance

_RECORDING = """INSERT INTO recordings (id, tenant_id, room_id, state, bucket, object_key, started_at_ms, egress_id, duration_ms)
    VALUES (:id, 'default', :room, 'ready', :bucket, :key, 1713693600000, :egress, :duration_ms)"""


def film_of(file: Path, length_s: int) -> Path:
    """Make a film of changing pictures and a tone, which begins at once when it is played from the store."""
    lavfi = ["-f", "lavfi", "-i"]
    argv = ["ffmpeg", "-v", "error", *lavfi, f"testsrc=s=320x180:r=10:d={length_s}", *lavfi, "sine"]
    argv += f"-t {length_s} -c:v libx264 -g 10 -c:a aac -movflags +faststart {file}".split()
    subprocess.run(argv, check=True)
    return file


@contextmanager
def stored(appliance: Appliance, room: str, film: Path, length_s: int) -> Iterator[str]:
    """Have it be in the library while the block runs, which gets the path of its page. Nothing is left of it, nor of its room."""
    storage = appliance.settings.storage
    root, password = storage.access_key.get_secret_value(), storage.secret_key.get_secret_value()
    store = Minio(f"{storage.host}:{storage.port}", root, password, secure=storage.tls)
    key = f"{room}/film.mp4"
    row = {"id": f"rec_{room}", "room": room, "egress": f"EG_{room}", "duration_ms": length_s * 1000}
    with closing(sqlite3.connect(appliance.settings.database_path, timeout=30)) as db:
        assert appliance.call("POST", "/v1/rooms", {"roomId": room})[0] == 201
        store.fput_object(storage.bucket, key, str(film), "video/mp4")
        try:
            with db:
                db.execute(_RECORDING, {**row, "bucket": storage.bucket, "key": key})
            yield f"/recordings/rec_{room}"
        finally:
            with db:
                db.execute("DELETE FROM recordings WHERE id = ?", (row["id"],))
            store.remove_object(storage.bucket, key)
            assert appliance.call("DELETE", f"/v1/rooms/{room}")[0] == 204
