"""What `egress/dispatcher/upload_session.py` relies on: bytes that are on the disk stay, but for eight near the head."""

from pathlib import Path

from tests.support.growing_part import GrowingPart

_STEP_BYTES = 200_000


def test_closing_a_file_changes_eight_bytes_of_its_head_and_nothing_else(tmp_path: Path) -> None:
    part = GrowingPart(tmp_path / "part-1.mp4", picture_bytes=2_000)
    snapshots = []
    for step in range(1, 6):
        part.grow(step * _STEP_BYTES)
        snapshots.append(part.file.read_bytes())
    part.end()
    closed = part.file.read_bytes()
    for snapshot in snapshots:
        changed = [at for at, byte in enumerate(snapshot) if byte != closed[at]]
        assert changed
        assert changed[0] >= 36
        assert changed[-1] < 52
