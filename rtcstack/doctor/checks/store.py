"""The shared bucket: there, and the key may do what is needed. One small object is put, read and deleted."""

from collections.abc import Iterator
from dataclasses import dataclass

from rtcstack.doctor.family import Family
from rtcstack.doctor.finding import Verdict, doubtful, fine, wrong
from rtcstack.doctor.scene import Scene
from rtcstack.errors import Invalid
from rtcstack.ports.storage import Permissions

_PAGE = "docs/operations/stores.md"
_MISSING = "NoSuchBucket"
_CAUSES = {
    "AccessDenied": "the key may not write into this bucket",
    "InvalidAccessKeyId": "the store does not know the access key",
    "SignatureDoesNotMatch": "the secret key is another, or something between changes the request",
    "RequestTimeTooSkewed": "the clocks differ by more than 15 minutes",
    _MISSING: "the bucket was deleted, or its name is wrong. The Egress worker makes it when it starts",
}


@dataclass(frozen=True)
class Store:
    """How the trial went; all None when it was not made."""

    may: Permissions | None = None
    refused: Invalid | None = None


async def look(scene: Scene) -> Store:
    """Try it while it should answer, unless every tenant has to have a bucket of its own."""
    if scene.settings.storage.require_own or not (scene.is_up or scene.is_apart):
        return Store()
    try:
        return Store(await scene.outside.try_store())
    except Invalid as e:
        return Store(refused=e)


def bucket(scene: Scene, store: Store) -> Iterator[Verdict]:
    own = scene.settings.storage
    if store.refused:
        code = str(store.refused.details.get("s3_code", ""))
        yield wrong(
            store.refused.message,
            cause=_CAUSES.get(code, "the store does not run, or the address is wrong"),
            cure=_cure(scene, code),
            page=_PAGE,
        )
    elif store.may and store.may.may_read and store.may.may_delete:
        yield fine(f"an object was put into {own.bucket} at {own.url}, read and deleted")
    elif store.may:
        lacks = "read" if not store.may.may_read else "delete"
        say = wrong if lacks == "read" else doubtful
        yield say(
            f"the key may not {lacks} in {own.bucket}",
            cause="the key's policy",
            cure="Allow s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucket.",
            page=_PAGE,
        )


def _cure(scene: Scene, code: str) -> str:
    own = scene.settings.storage
    if code == _MISSING:
        return f"Set RTCSTACK_STORAGE__BUCKET, or let the next start make {own.bucket}:\n{scene.restart}"
    if code in {"InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied"}:
        return "Check RTCSTACK_STORAGE__ACCESS_KEY and …__SECRET_KEY (or …_FILE); by themselves they lie in secrets/."
    if code == "RequestTimeTooSkewed":
        return "Set this machine's clock:\n  sudo timedatectl set-ntp true"
    return f"Check RTCSTACK_STORAGE__HOST and …__PORT, and read its log:\n  {scene.log_of('minio')}"


FAMILY = Family("store", look, {"bucket": bucket})
