"""Settings → Storage: a tenant's own bucket, and the appliance's."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from rtcstack.dashboard.fields import AnyRequest, Fields
from rtcstack.dashboard.pages import done, page
from rtcstack.dashboard.viewer import Viewer
from rtcstack.domain.own_bucket import OwnBucket
from rtcstack.errors import Conflict, Invalid, PartUnavailable, RtcError, StorageNotFound
from rtcstack.services.storage.settings import BucketDraft, StorageSettings
from rtcstack.services.storage.shared_check import SharedBucketCheck
from rtcstack.settings import Settings

_HERE = "/settings/storage"


_LABELS = {
    "bucket": "The bucket's name",
    "region": "The region",
    "endpoint": "The endpoint",
    "prefix": "The folder",
    "access_key_id": "The access key ID",
    "secret_access_key": "The secret access key",
}


@dataclass(frozen=True)
class SharedBucket:
    """The appliance's own, where it is not left unused."""

    bucket: str
    cold_bucket: str
    endpoint: str
    region: str
    provider: str
    is_used: bool


def shared_bucket(settings: Settings) -> SharedBucket:
    storage = settings.storage
    return SharedBucket(
        storage.bucket,
        storage.cold_bucket,
        storage.public_url or storage.url,
        storage.region,
        storage.provider_name,
        not storage.require_own,
    )


async def _current(storage_settings: StorageSettings, tenant_id: str) -> OwnBucket | None:
    try:
        return await storage_settings.get(tenant_id)
    except StorageNotFound:
        return None


@get(_HERE)
async def show_storage(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    storage_settings: NamedDependency[StorageSettings],
    shared: NamedDependency[SharedBucket],
) -> Response[str]:
    current = await _current(storage_settings, viewer.tenant_id)
    return page(
        "settings_storage.html",
        viewer,
        request=request,
        current=current,
        given=current,
        shared=shared,
        fault=None,
        wrong="",
    )


def _field(error: RtcError) -> str:
    """Return the field that is wrong."""
    return "bucket" if error.word == "storage_taken" else str(error.details.get("field", ""))


def _told(error: RtcError) -> str:
    """Return what is wrong by the names that stand beside the fields; what the API says names its own."""
    if "/v1/" in error.message:
        return (
            "This is the appliance's own bucket, which all tenants without a bucket of their own record into. Give another "
            "one; to record into the appliance's, set none."
        )
    field = _field(error)
    rest = error.message.removeprefix(f"{field}: ")
    return error.message if rest == error.message else f"{_LABELS.get(field, field)} {rest}"


def _draft(fields: Fields) -> BucketDraft:
    return BucketDraft(
        bucket=fields.text("bucket"),
        access_key_id=fields.text("access_key_id"),
        secret_access_key=fields.text("secret_access_key"),
        region=fields.text("region") or None,
        endpoint=fields.text("endpoint") or None,
        prefix=fields.text("prefix") or None,
        path_style=True if fields.text("path_style") else None,
    )


@post(_HERE, status_code=200)
async def set_storage(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    fields: NamedDependency[Fields],
    storage_settings: NamedDependency[StorageSettings],
    shared: NamedDependency[SharedBucket],
) -> Response[Any]:
    """What is refused stands above the form, which keeps everything but the secret."""
    draft = _draft(fields)
    try:
        made = await storage_settings.put(viewer.tenant_id, draft)
    except (Invalid, Conflict, PartUnavailable) as e:
        current = await _current(storage_settings, viewer.tenant_id)
        return page(
            "settings_storage.html",
            viewer,
            status=503 if isinstance(e, PartUnavailable) else 400,
            current=current,
            given=draft,
            shared=shared,
            fault=_told(e),
            wrong=_field(e),
        )
    return done(request, f"New recordings go to the bucket {made.bucket}.", to=_HERE, leaves=True)


@post(f"{_HERE}/test", status_code=200)
async def test_storage(
    request: AnyRequest, viewer: NamedDependency[Viewer], storage_settings: NamedDependency[StorageSettings]
) -> Response[Any]:
    checked = await storage_settings.test(viewer.tenant_id)
    may = [word for word, may in (("read", checked.may_read), ("delete", checked.may_delete)) if may]
    return done(
        request, f"The bucket works: the key may {', '.join(('write', *may))}.", to=_HERE, leaves=True
    )


@post(f"{_HERE}/test-shared", status_code=200)
async def test_shared_bucket(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    shared_bucket_check: NamedDependency[SharedBucketCheck],
) -> Response[Any]:
    """Raises what the store answers."""
    del viewer
    took_ms = await shared_bucket_check.run()
    told = f"The appliance's bucket works: an object was put, read and deleted within {took_ms} ms."
    return done(request, told, to=_HERE)


@post(f"{_HERE}/remove", status_code=200)
async def remove_storage(
    request: AnyRequest, viewer: NamedDependency[Viewer], storage_settings: NamedDependency[StorageSettings]
) -> Response[Any]:
    await storage_settings.delete(viewer.tenant_id)
    return done(request, "New recordings go to the appliance's bucket.", to=_HERE, leaves=True)


STORAGE_PAGES = (show_storage, set_storage, test_storage, test_shared_bucket, remove_storage)
