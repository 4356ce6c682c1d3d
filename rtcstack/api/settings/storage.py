"""A tenant's own bucket (seed document 000, "Prerequisites"). All of it wants a key of scope `admin`."""

from litestar import Controller, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from rtcstack.api.errors import documented
from rtcstack.api.settings.schemas import StorageBody, StorageDeletedBody, StorageRequest
from rtcstack.domain.api_key import Principal, Scope
from rtcstack.errors import Forbidden
from rtcstack.services.storage.settings import StorageSettings


class StorageSettingsController(Controller):
    path = "/v1/settings/storage"
    tags = ("Settings",)

    @put(
        "/",
        status_code=200,
        summary="Set the bucket that recordings go to",
        description="Checked before it is accepted: an object is put, read and deleted. Only putting has to be allowed; "
        "without reading there are no downloads, clips and archive. 400 says in the store's words what is wrong.",
        responses=documented(403, 409),
    )
    async def set_bucket(
        self,
        data: JSONBody[StorageRequest],
        principal: NamedDependency[Principal],
        storage_settings: NamedDependency[StorageSettings],
    ) -> StorageBody:
        return StorageBody.from_domain(await storage_settings.put(_admin(principal), data.to_domain()))

    @get("/", summary="Get the bucket that is set", responses=documented(403, 404))
    async def get_bucket(
        self, principal: NamedDependency[Principal], storage_settings: NamedDependency[StorageSettings]
    ) -> StorageBody:
        return StorageBody.from_domain(await storage_settings.get(_admin(principal)))

    @delete(
        "/",
        status_code=200,
        summary="Have new recordings go to the appliance's bucket again",
        description="Older recordings stay in the bucket that was set, and are reached there with the keys that were set.",
        responses=documented(403, 404),
    )
    async def unset_bucket(
        self, principal: NamedDependency[Principal], storage_settings: NamedDependency[StorageSettings]
    ) -> StorageDeletedBody:
        await storage_settings.delete(_admin(principal))
        return StorageDeletedBody(True)

    @post(
        "/test",
        status_code=200,
        summary="Check the bucket that is set",
        description="Puts, reads and deletes an object, and notes what the key may do now.",
        responses=documented(403, 404, 409),
    )
    async def test_bucket(
        self, principal: NamedDependency[Principal], storage_settings: NamedDependency[StorageSettings]
    ) -> StorageBody:
        return StorageBody.from_domain(await storage_settings.test(_admin(principal)))


def _admin(principal: Principal) -> str:
    """Return the tenant. Raises `Forbidden` for a key of less than scope `admin`."""
    if not principal.may(Scope.ADMIN):
        raise Forbidden(f"This key has scope {principal.scope}; the call needs admin.", code="scope_required")
    return principal.tenant_id
