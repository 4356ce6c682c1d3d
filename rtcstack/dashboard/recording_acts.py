"""What is done with a recording by one button, and a clip that is made of it."""

import re
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from rtcstack.dashboard.fields import AnyRequest, Fields
from rtcstack.dashboard.pages import done
from rtcstack.dashboard.rules import Rules, kept_of
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.clip import Clip
from rtcstack.errors import Invalid, NotFound
from rtcstack.services.access import Access
from rtcstack.services.clips.create import ClipCreate
from rtcstack.services.library.archive import RecordingArchive
from rtcstack.services.library.delete import RecordingDelete
from rtcstack.services.library.recover import RecordingRecover
from rtcstack.services.library.retry import RecordingRetry

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9}")
_LABELS = {"start": "From", "end": "To"}
_FIELDS = {"start_seconds": "start", "end_seconds": "end"}


@post("/recordings/{recording_id:str}/{act:str}", status_code=200)
async def act_on_recording(
    request: AnyRequest,
    recording_id: FromPath[str],
    act: FromPath[str],
    viewer: NamedDependency[Viewer],
    recording_archive: NamedDependency[RecordingArchive],
    recording_recover: NamedDependency[RecordingRecover],
    recording_retry: NamedDependency[RecordingRetry],
    recording_delete: NamedDependency[RecordingDelete],
    access: NamedDependency[Access],
    in_force: NamedDependency[Rules],
) -> Response[Any]:
    acts = {
        "archive": (
            recording_archive.archive,
            "The recording is archived; its file is moved in the background.",
        ),
        "restore": (recording_archive.restore, "The recording is being brought back."),
        "recover": (recording_recover.recover, "LiveKit and the bucket are asked for the recording."),
        "retry": (recording_retry.retry, "The recording is taken up again."),
        "delete": (
            recording_delete.delete,
            f"The recording is deleted; its files are {await kept_of(access, in_force, viewer.tenant_id)}.",
        ),
    }
    if act not in acts:
        raise NotFound("There is no such page.")
    work, sentence = acts[act]
    await work(viewer.tenant_id, recording_id)
    leaves = act == "delete"
    to = "/recordings" if leaves else f"/recordings/{recording_id}"
    return done(request, sentence, to=to, leaves=leaves)


@post("/recordings/{recording_id:str}/clips", status_code=200)
async def make_clip(
    request: AnyRequest,
    recording_id: FromPath[str],
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    clip_create: NamedDependency[ClipCreate],
) -> Response[Any]:
    try:
        clip = await _make(viewer.tenant_id, recording_id, fields, clip_create)
    except Invalid as e:
        field = str(e.details.get("field", ""))
        raise Invalid(e.message, code=e.word, field=_FIELDS.get(field, field)) from e
    return done(request, f"The clip “{clip.label}” is being cut.", to=f"/recordings/{recording_id}")


async def _make(tenant_id: str, recording_id: str, fields: Fields, clip_create: ClipCreate) -> Clip:
    """Raises `Invalid`, of fields by the form's names or by the API's, and what the service raises."""
    start_s, end_s = _seconds(fields, "start"), _seconds(fields, "end")
    if end_s <= start_s:
        raise Invalid("A clip ends after it begins: “To” has to be later than “From”.", field="end")
    return await clip_create.create(
        tenant_id,
        recording_id,
        label=fields.text("label"),
        start_s=start_s,
        end_s=end_s,
        mode="smart" if fields.text("mode") == "smart" else "reencode",
    )


def _seconds(fields: Fields, name: str) -> float:
    """Return what was written as seconds, or as `1:04:05.5`. Raises `Invalid`."""
    parts = fields.text(name).split(":")
    if len(parts) > len(("h", "m", "s")) or not all(map(_NUMBER.fullmatch, parts)):
        raise Invalid(f"“{_LABELS[name]}” is a time like 1:04:05.5.", field=name)
    return sum(float(part) * 60.0**power for power, part in enumerate(reversed(parts)))


RECORDING_ACTS = (act_on_recording, make_clip)
