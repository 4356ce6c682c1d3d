"""Posters and storyboards of recordings."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from rtcstack.api.clips.schemas import PreviewsBody
from rtcstack.api.errors import documented
from rtcstack.domain.api_key import Principal
from rtcstack.services.previews import RecordingPreviews


class PreviewController(Controller):
    path = "/v1/recordings/{recording_id:str}"
    tags = ("Clips",)

    @get(
        "/previews",
        summary="Get the poster and the storyboard of a recording",
        description="Made in the minute after it is ready; 404 as long as there are none.",
        responses=documented(404, 409),
    )
    async def get_one(
        self,
        recording_id: FromPath[str],
        principal: NamedDependency[Principal],
        recording_previews: NamedDependency[RecordingPreviews],
    ) -> PreviewsBody:
        found, poster_url = await recording_previews.get(principal.tenant_id, recording_id)
        return PreviewsBody.from_domain(found, poster_url)

    @get(
        "/storyboard.vtt",
        media_type="text/vtt",
        summary="Get the storyboard as WebVTT",
        description="A cue a picture; each names a part of a sprite, by a link that expires.",
        responses=documented(404, 409),
    )
    async def storyboard(
        self,
        recording_id: FromPath[str],
        principal: NamedDependency[Principal],
        recording_previews: NamedDependency[RecordingPreviews],
    ) -> str:
        return await recording_previews.storyboard(principal.tenant_id, recording_id)
