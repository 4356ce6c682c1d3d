"""Where a recording's objects lie once it has moved to another bucket of its tenant."""

from dataclasses import dataclass, replace

from rtcstack.domain.clip import Clip
from rtcstack.domain.own_bucket import OwnBucket
from rtcstack.domain.previews import Previews
from rtcstack.domain.recording import Recording
from rtcstack.domain.room import DEFAULT_TENANT


@dataclass(frozen=True)
class Belongings:
    """A recording with everything of it that lies in its bucket."""

    recording: Recording
    clips: tuple[Clip, ...]
    """The finished ones."""
    previews: Previews | None


@dataclass(frozen=True)
class Target:
    """None is the shared bucket, `shared_bucket`, whose archive is `shared_cold_bucket`."""

    own: OwnBucket | None
    shared_bucket: str
    shared_cold_bucket: str

    @property
    def storage_id(self) -> str | None:
        return self.own.id if self.own else None

    @property
    def bucket(self) -> str:
        return self.own.bucket if self.own else self.shared_bucket

    def head(self, tenant_id: str) -> str:
        """Return what stands before the rooms in this bucket."""
        if self.own:
            return self.own.prefix
        return "" if tenant_id == DEFAULT_TENANT else f"_t/{tenant_id}/"


def relocated(what: Belongings, source_head: str, target: Target) -> Belongings:
    """Return everything as it will be in the target: the same keys, but for what stands before the rooms."""
    recording = what.recording
    target_head = target.head(recording.tenant_id)

    def key(old: str) -> str:
        return target_head + old.removeprefix(source_head)

    cold_bucket = target.bucket if target.own else target.shared_cold_bucket
    moved = replace(
        recording,
        storage_id=target.storage_id,
        bucket=target.bucket,
        object_key=key(recording.object_key),
        cold_bucket=cold_bucket if recording.cold_bucket else None,
    )
    clips = tuple(
        replace(clip, storage_id=target.storage_id, bucket=target.bucket, object_key=key(clip.object_key))
        for clip in what.clips
    )
    shown = what.previews and replace(
        what.previews,
        poster_key=key(what.previews.poster_key),
        sheets=tuple(replace(sheet, key=key(sheet.key)) for sheet in what.previews.sheets),
    )
    return Belongings(moved, clips, shown)
