"""The disks: room, inodes, and kinds of file systems that a database or a recording must not lie on."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rtcstack.appliance.free_space import NEEDED_BYTES, existing
from rtcstack.appliance.provision import cache_folder
from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Verdict, doubtful, fine, wrong
from rtcstack.doctor.scene import Scene

_MOUNTS = Path("/proc/self/mountinfo")
_MIB = 1024 * 1024
_GIB = 1024 * _MIB
_BYTES_A_MINUTE = 20_000_000
"""Of one recording, which lies there twice while it is uploaded (docs/operations/compose.md, Sizing)."""
_COMFORTABLE_MINUTES = 120
_FEW_INODES = 1000
_FEW_SHARE = 0.05
_FAR_AWAY = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.", "ncpfs", "virtiofs")
"""How the names of file systems begin whose locks and shared memory SQLite's write-ahead log cannot rely on."""
_GONE_AFTER_BOOT = frozenset({"tmpfs", "ramfs"})
_GONE_WITH_CONTAINER = frozenset({"overlay", "aufs"})
_CAPACITY = "docs/operations/capacity.md"


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system that a folder of ours lies in, or will lie in."""

    purpose: str
    folder: Path
    device: int
    free_bytes: int
    inodes: int
    """0 where the file system counts none."""
    free_inodes: int
    kind: str
    """`ext4`; empty where it is not known."""
    is_read_only: bool = False


async def look(scene: Scene) -> tuple[Disk, ...]:
    settings = scene.settings
    folders = {"data": settings.data, "spool": settings.spool_path, "database": settings.database_path.parent}
    if not scene.is_apart:  # in containers the parts are in the images, and the objects another's volume
        folders |= {"objects": settings.data / "objects", "cache": cache_folder(settings)}
    mounts = _mounts()
    return tuple(_disk(purpose, folder, mounts) for purpose, folder in folders.items())


def _disk(purpose: str, folder: Path, mounts: Mapping[str, str]) -> Disk:
    place = existing(folder.absolute())
    now = os.statvfs(place)
    inside = [mount for mount in mounts if place.is_relative_to(mount)]
    kind = mounts[max(inside, key=len)] if inside else ""
    return Disk(
        purpose=purpose,
        folder=folder,
        device=place.stat().st_dev,
        free_bytes=now.f_bavail * now.f_frsize,
        inodes=now.f_files,
        free_inodes=now.f_favail,
        kind=kind,
        is_read_only=bool(now.f_flag & os.ST_RDONLY),
    )


def _mounts() -> dict[str, str]:
    """Return the kind of file system at each mount point (proc(5), /proc/PID/mountinfo); of two at one place the upper."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    words = [line.partition(" - ") for line in lines]
    return {_unescaped(left.split()[4]): right.split()[0] for left, _, right in words}


def _unescaped(path: str) -> str:
    return path.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")


def _by_device(disks: tuple[Disk, ...]) -> Iterator[tuple[str, Disk]]:
    """Yield each disk once, with what of ours lies on it."""
    for device in dict.fromkeys(disk.device for disk in disks):
        own = [disk for disk in disks if disk.device == device]
        yield ", ".join(disk.purpose for disk in own), own[0]


def space(scene: Scene, disks: tuple[Disk, ...]) -> Iterator[Verdict]:
    for purposes, disk in _by_device(disks):
        records = "spool" in purposes.split(", ")
        needed = max(NEEDED_BYTES, scene.settings.egress.min_free_bytes if records else 0)
        minutes = max(0, disk.free_bytes - needed) // _BYTES_A_MINUTE
        seen = f"{purposes}: {_size(disk.free_bytes)} free at {disk.folder}"
        if disk.free_bytes < needed:
            setting = " (RTCSTACK_EGRESS__MIN_FREE_BYTES)" if needed > NEEDED_BYTES else ""
            yield wrong(
                f"{seen}, at least {_size(needed)} are needed{setting}",
                cause="no recording is begun, those that run end, and a start may be refused",
                cure=f"Free some space, or move it to a larger disk. What takes it:\n  du -xh --max-depth=2 {disk.folder} | sort -h | tail",
                page=_CAPACITY,
            )
        elif records and minutes < _COMFORTABLE_MINUTES:
            yield doubtful(
                f"{seen}: {minutes} minutes of one recording",
                cause="a recording takes 10 MB a minute, twice while it is uploaded",
                cure="Free some space, or set RTCSTACK_EGRESS__SPOOL to a folder on a larger disk.",
                page=_CAPACITY,
            )
        else:
            yield fine(f"{seen}{f', {minutes // 60} hours of one recording' if records else ''}")


def inodes(_: Scene, disks: tuple[Disk, ...]) -> Iterator[Verdict]:
    scarce = [
        (p, disk)
        for p, disk in _by_device(disks)
        if disk.inodes and disk.free_inodes < disk.inodes * _FEW_SHARE
    ]
    for purposes, disk in scarce:
        say = wrong if disk.free_inodes < _FEW_INODES else doubtful
        yield say(
            f"{purposes}: {disk.free_inodes} of {disk.inodes} inodes are free at {disk.folder}",
            cause="very many small files: nothing can be created when there are none left, however much space there is",
            cure=f"Find and remove them:\n  du -x --inodes --max-depth=2 {disk.folder} | sort -n | tail",
        )
    if not scarce:
        yield fine("there are inodes enough")


def filesystem(_: Scene, disks: tuple[Disk, ...]) -> Iterator[Verdict]:
    verdicts = [verdict for disk in disks for verdict in _of_kind(disk)]
    yield from verdicts
    if not verdicts:
        yield fine(f"file systems: {', '.join(sorted({disk.kind or 'unknown' for disk in disks}))}")


def _of_kind(disk: Disk) -> Iterator[Verdict]:
    where = f"{disk.purpose} at {disk.folder} lies on {disk.kind}"
    if disk.is_read_only:
        yield wrong(
            f"{disk.purpose} at {disk.folder} cannot be written: its file system is mounted read-only",
            cause="it is mounted so, or the kernel found it damaged",
            cure="See what the kernel says, then mount it anew:\n  dmesg | tail\n  sudo mount -o remount,rw …",
        )
    if disk.purpose == "cache":
        return
    if disk.kind.startswith(_FAR_AWAY):
        say = wrong if disk.purpose == "database" else doubtful
        yield say(
            where,
            cause="a network file system: SQLite's write-ahead log needs locks and shared memory of one machine; a database there "
            "gets damaged, and a recording waits for the network",
            cure="Put it on a local disk: RTCSTACK_DATABASE__PATH, RTCSTACK_EGRESS__SPOOL, or --data.",
        )
    elif disk.kind in _GONE_AFTER_BOOT:
        yield doubtful(
            where,
            cause="it is memory: all of it is gone after the next boot, recordings included",
            cure="Put it on a disk: --data, RTCSTACK_EGRESS__SPOOL. For a trial it may stay.",
        )
    elif disk.kind in _GONE_WITH_CONTAINER:
        yield doubtful(
            where,
            cause="it is the container's own layer: it is deleted with the container, recordings included",
            cure="Mount a volume there (docker run -v …).",
        )


def _size(size_bytes: int) -> str:
    return f"{size_bytes / _GIB:.1f} GiB" if size_bytes >= _GIB else f"{size_bytes / _MIB:.0f} MiB"


FAMILY = Family("disk", look, {"space": space, "inodes": inodes, "filesystem": filesystem})
