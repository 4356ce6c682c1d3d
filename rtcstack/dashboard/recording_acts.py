"""What is done with a recording by one button, and a clip that is made of it."""

from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from rtcstack.dashboard.fields import AnyRequest, Fields
from rtcstack.dashboard.pages import done
from rtcstack.dashboard.viewer import Viewer
from rtcstack.errors import Invalid, NotFound
from rtcstack.services.clips.create import ClipCreate
from rtcstack.services.library.archive import RecordingArchive
from rtcstack.services.library.delete import RecordingDelete
from rtcstack.services.library.recover import RecordingRecover
from rtcstack.services.library.retry import RecordingRetry


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
            "The recording is deleted. What becomes of its data stands in Settings, Rules.",
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
    mode = fields.text("mode")
    clip = await clip_create.create(
        viewer.tenant_id,
        recording_id,
        label=fields.text("label"),
        start_s=_seconds(fields, "start"),
        end_s=_seconds(fields, "end"),
        mode="smart" if mode == "smart" else "reencode",
    )
    return done(request, f"The clip “{clip.label}” is being cut.", to=f"/recordings/{recording_id}")


def _seconds(fields: Fields, name: str) -> float:
    """Return what was written as seconds, or as `1:04:05.5`. Raises `Invalid`."""
    parts = fields.text(name).split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= len(("h", "m", "s")):
        raise Invalid(f"The {name} of the clip is a time like 1:04:05.5.", field=name)
    return sum(number * 60.0**power for power, number in enumerate(reversed(numbers)))


RECORDING_ACTS = (act_on_recording, make_clip)
