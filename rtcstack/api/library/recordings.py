"""The tenant's recordings: list, get, download, archive, restore, recover, retry, delete (seed document 003)."""

from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from rtcstack.api.errors import WORDS, Words, documented
from rtcstack.api.library.details import RecordingDetails
from rtcstack.api.library.schemas import (
    STATUS,
    ArchivedBody,
    DeletedBody,
    Envelope,
    ListBody,
    ListedBody,
    MetaBody,
    PendingDownload,
    ProgressBody,
    ReadyDownload,
    Status,
    states_of,
)
from rtcstack.api.strict import whole_numbers
from rtcstack.domain.api_key import Principal
from rtcstack.domain.instant import iso_s
from rtcstack.domain.recording_list import Cursor, RecordingFilter
from rtcstack.domain.room import check_room_id
from rtcstack.errors import Invalid
from rtcstack.services.library.archive import RecordingArchive
from rtcstack.services.library.catalog import MAX_LIMIT, Catalog
from rtcstack.services.library.delete import RecordingDelete
from rtcstack.services.library.recover import RecordingRecover
from rtcstack.services.library.retry import RecordingRetry

_DEFAULT_LIMIT = 20
_MAX_OFFSET = 2**53


class LibraryController(Controller):
    path = "/api/v1/recordings"
    tags = ("Recordings library",)
    opt = {WORDS: Words(states=STATUS)}  # noqa: RUF012  # Litestar reads it

    @get(
        "/",
        summary="List the tenant's recordings",
        description=f"Newest first. A limit above {MAX_LIMIT} means {MAX_LIMIT}, and `meta.limit` says so.",
        responses=documented(),
        before_request=whole_numbers("limit", "offset"),
    )
    async def list_page(
        self,
        principal: NamedDependency[Principal],
        catalog: NamedDependency[Catalog],
        limit: Annotated[int, QueryParameter(ge=1)] = _DEFAULT_LIMIT,
        offset: Annotated[int, QueryParameter(ge=0, le=_MAX_OFFSET)] = 0,
        cursor: FromQuery[str | None] = None,
        room_id: FromQuery[str | None] = None,
        status: FromQuery[Status | None] = None,
    ) -> ListBody:
        if cursor is not None and offset:
            raise Invalid("Give a cursor or an offset, not both.", field="offset")
        if room_id is not None:
            check_room_id(room_id)
        page = await catalog.page(
            principal.tenant_id,
            RecordingFilter(room_id, states_of(status)),
            limit=limit,
            offset=offset,
            cursor=Cursor.parse(cursor) if cursor is not None else None,
        )
        meta = MetaBody(page.total, page.limit, offset, page.after.text() if page.after else None)
        return ListBody([ListedBody.from_domain(recording) for recording in page.recordings], meta)

    @get("/{recording_id:str}", summary="Get a recording, with its room", responses=documented(404))
    async def get_one(
        self,
        recording_id: FromPath[str],
        principal: NamedDependency[Principal],
        catalog: NamedDependency[Catalog],
    ) -> Envelope[RecordingDetails]:
        return Envelope(
            RecordingDetails.from_domain(await catalog.details(principal.tenant_id, recording_id))
        )

    @get(
        "/{recording_id:str}/download",
        summary="Get a download link of a recording",
        description="The link expires after an hour unless the server is set otherwise. While there is no file yet the "
        "answer has a message instead of a link; of an archived or failed recording it is 409.",
        responses=documented(404, 409),
    )
    async def download(
        self,
        recording_id: FromPath[str],
        principal: NamedDependency[Principal],
        catalog: NamedDependency[Catalog],
    ) -> ReadyDownload | PendingDownload:
        download = await catalog.download(principal.tenant_id, recording_id)
        if download.url is None:
            return PendingDownload.from_domain(download.recording)
        return ReadyDownload.from_domain(download, download.url)

    @post(
        "/{recording_id:str}/archive",
        status_code=200,
        summary="Archive a recording",
        description="It is archived at once; its file moves in the background, and `transfer` of the recording tells how "
        "far that is. 400 unless it is ready and its file is in the primary store.",
        responses=documented(404, 503),
    )
    async def archive(
        self,
        recording_id: FromPath[str],
        principal: NamedDependency[Principal],
        recording_archive: NamedDependency[RecordingArchive],
    ) -> Envelope[ArchivedBody]:
        archived = await recording_archive.archive(principal.tenant_id, recording_id)
        return Envelope(ArchivedBody.from_domain(archived))

    @post(
        "/{recording_id:str}/restore",
        status_code=202,
        summary="Bring an archived recording back",
        description="It is ready once its file is back in the primary store.",
        responses=documented(404, 409),
    )
    async def restore(
        self,
        recording_id: FromPath[str],
        principal: NamedDependency[Principal],
        recording_archive: NamedDependency[RecordingArchive],
    ) -> Envelope[ProgressBody]:
        recording = await recording_archive.restore(principal.tenant_id, recording_id)
        return Envelope(
            ProgressBody(recording.id, "archived", "Restore initiated. Recording will be ready again.")
        )

    @post(
        "/{recording_id:str}/recover",
        status_code=200,
        summary="Recover a stalled recording",
        description="LiveKit is asked, then the bucket, in the background; it ends in ready, or in failed with a reason. "
        "400 unless it is processing and has an egress id.",
        responses=documented(404),
    )
    async def recover(
        self,
        recording_id: FromPath[str],
        principal: NamedDependency[Principal],
        recording_recover: NamedDependency[RecordingRecover],
    ) -> Envelope[ProgressBody]:
        recording = await recording_recover.recover(principal.tenant_id, recording_id)
        message = "Recovery initiated. Recording will be reprocessed."
        return Envelope(ProgressBody(recording.id, "processing", message))

    @post(
        "/{recording_id:str}/retry",
        status_code=200,
        summary="Take up a failed recording whose file is in the bucket",
        responses=documented(404, 409, 503),
    )
    async def retry(
        self,
        recording_id: FromPath[str],
        principal: NamedDependency[Principal],
        recording_retry: NamedDependency[RecordingRetry],
    ) -> Envelope[ProgressBody]:
        recording = await recording_retry.retry(principal.tenant_id, recording_id)
        message = "Retry initiated. Recording will be reprocessed."
        return Envelope(ProgressBody(recording.id, "processing", message))

    @delete(
        "/{recording_id:str}",
        status_code=200,
        summary="Delete a recording",
        description="It is marked as deleted and out of sight; its data is retained. 409 while it is being recorded.",
        responses=documented(404, 409),
    )
    async def delete_one(
        self,
        recording_id: FromPath[str],
        principal: NamedDependency[Principal],
        recording_delete: NamedDependency[RecordingDelete],
    ) -> Envelope[DeletedBody]:
        recording, at_ms = await recording_delete.delete(principal.tenant_id, recording_id)
        return Envelope(DeletedBody(recording.id, True, iso_s(at_ms)))
