"""A tenant's bucket in the tests' own MinIO, with a user of its own whom a policy limits."""

import json
from dataclasses import dataclass
from typing import Any

from minio import Minio
from minio.credentials import StaticProvider
from minio.minioadmin import MinioAdmin

from rtcstack.settings import Storage

PUT_ONLY = ("s3:PutObject",)
FULL = ("s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket")


@dataclass(frozen=True)
class OwnBucket:
    """`root` is a client with the store's root keys, for looking."""

    name: str
    access_key_id: str
    secret_access_key: str
    endpoint: str
    region: str
    root: Minio
    _admin: MinioAdmin

    def body(self, **other: Any) -> dict[str, Any]:
        """Return what `PUT /v1/settings/storage` takes."""
        return {
            "bucket": self.name,
            "endpoint": self.endpoint,
            "region": self.region,
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
            **other,
        }

    def allow(self, *actions: str) -> None:
        """Let its user do these and nothing else."""
        resources = [f"arn:aws:s3:::{self.name}", f"arn:aws:s3:::{self.name}/*"]
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": resources}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self._admin.policy_add(f"policy-{self.access_key_id}", policy=policy)
        self._admin.policy_set(f"policy-{self.access_key_id}", user=self.access_key_id)

    def change_secret(self, secret: str) -> None:
        self._admin.user_add(self.access_key_id, secret)

    def keys(self, prefix: str = "") -> list[str]:
        """Return what lies in the bucket."""
        found = self.root.list_objects(self.name, prefix, recursive=True)
        return sorted(entry.object_name or "" for entry in found)


def make_own_bucket(
    storage: Storage, name: str, *actions: str, secret: str = "", user: str = ""
) -> OwnBucket:
    """Make the bucket and its user, who may do `actions` there, everything if none are given."""
    root, password = storage.access_key.get_secret_value(), storage.secret_key.get_secret_value()
    address = f"{storage.host}:{storage.port}"
    made = OwnBucket(
        name=name,
        access_key_id=user or f"user-{name}"[:20],
        secret_access_key=secret or f"secret-of-{name}",
        endpoint=storage.url,
        region=storage.region,
        root=Minio(address, access_key=root, secret_key=password, region=storage.region, secure=storage.tls),
        _admin=MinioAdmin(
            endpoint=address,
            credentials=StaticProvider(root, password),
            region=storage.region,
            secure=storage.tls,
        ),
    )
    if not made.root.bucket_exists(name):
        made.root.make_bucket(name)
    made.change_secret(made.secret_access_key)
    made.allow(*(actions or FULL))
    assert json.loads(made._admin.user_info(made.access_key_id))["status"] == "enabled"
    return made
