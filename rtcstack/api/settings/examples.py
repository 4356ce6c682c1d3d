"""One example of each body, for the OpenAPI document."""

from rtcstack.api.settings.schemas import MASK, StorageBody, StorageDeletedBody, StorageRequest

EXAMPLES = (
    StorageRequest(
        bucket="acme-recordings",
        access_key_id="AKIAIOSFODNN7EXAMPLE",
        secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",  # noqa: S106 # the one that Amazon's manuals show
        region="eu-central-1",
        prefix="relay/recordings/",
    ),
    StorageBody(
        bucket="acme-recordings",
        region="eu-central-1",
        endpoint="https://s3.eu-central-1.amazonaws.com",
        prefix="relay/recordings/",
        path_style=False,
        provider="s3",
        access_key_id="AKIAIOSFODNN7EXAMPLE",
        secret_access_key=MASK,
        may_read=True,
        may_delete=False,
        checked_at="2026-11-21T17:30:00.000Z",
        updated_at="2026-11-21T17:30:00.000Z",
    ),
    StorageDeletedBody(True),
)
