"""Clips, exactly as seed document 002 has them, and what it takes to see and to delete them."""

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from rtcstack.api.clips.schemas import ClipDetails, CreateClipRequest
from rtcstack.api.errors import WORDS, Words, documented
from rtcstack.domain.api_key import Principal
from rtcstack.services.clips.create import ClipCreate
from rtcstack.services.clips.delete import ClipDelete
from rtcstack.services.clips.query import ClipQuery
from rtcstack.services.event_bodies import RECORDING_STATUS, ClipObject


class RecordingClipController(Controller):
    path = "/v1/recordings/{recording_id:str}/clips"
    tags = ("Clips",)
    opt = {WORDS: Words(states=RECORDING_STATUS)}  # noqa: RUF012  # Litestar reads it

    @post(
        "/",
        status_code=202,
        summary="Create a clip",
        description="It is cut in the background; `clip.ready` or `clip.failed` tells when that is done. Of a recording "
        "that still runs it is cut as soon as it is as far.",
        responses=documented(404, 409, 503),
    )
    async def create(
        self,
        recording_id: FromPath[str],
        data: JSONBody[CreateClipRequest],
        principal: NamedDependency[Principal],
        clip_create: NamedDependency[ClipCreate],
    ) -> ClipObject:
        clip = await clip_create.create(
            principal.tenant_id,
            recording_id,
            label=data.label,
            start_s=data.start_seconds,
            end_s=data.end_seconds,
            mode=data.mode,
        )
        return ClipObject.from_domain(clip)

    @get(
        "/",
        summary="List the clips of a recording",
        description="Newest first, at most 1000.",
        responses=documented(404),
    )
    async def list_clips(
        self,
        recording_id: FromPath[str],
        principal: NamedDependency[Principal],
        clip_query: NamedDependency[ClipQuery],
    ) -> list[ClipObject]:
        found = await clip_query.list_of_recording(principal.tenant_id, recording_id)
        return [ClipObject.from_domain(clip) for clip in found]


class ClipController(Controller):
    path = "/v1/clips"
    tags = ("Clips",)

    @get(
        "/{clip_id:str}",
        summary="Get a clip",
        description="With its progress, and a link that expires once it is complete.",
        responses=documented(404),
    )
    async def get_one(
        self,
        clip_id: FromPath[str],
        principal: NamedDependency[Principal],
        clip_query: NamedDependency[ClipQuery],
    ) -> ClipDetails:
        clip = await clip_query.get(principal.tenant_id, clip_id)
        return ClipDetails.of(clip, await clip_query.download_url(clip))

    @delete(
        "/{clip_id:str}",
        status_code=204,
        summary="Delete a clip",
        description="Stops its extraction, if that still runs, and removes its file from the bucket.",
        responses=documented(404),
    )
    async def delete_one(
        self,
        clip_id: FromPath[str],
        principal: NamedDependency[Principal],
        clip_delete: NamedDependency[ClipDelete],
    ) -> None:
        await clip_delete.delete(principal.tenant_id, clip_id)
