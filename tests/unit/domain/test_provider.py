import pytest

from rtcstack.domain.provider import provider_of


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("127.0.0.1", "minio"),
        ("localhost", "minio"),
        ("minio", "minio"),
        ("minio.example.org", "minio"),
        ("abc.r2.cloudflarestorage.com", "r2"),
        ("abc.eu.R2.cloudflarestorage.com.", "r2"),
        ("s3.eu-central-1.amazonaws.com", "s3"),
        ("s3.us-west-000.backblazeb2.com", "b2"),
        ("fra1.digitaloceanspaces.com", "spaces"),
        ("s3.wasabisys.com", "wasabi"),
        ("notamazonaws.com", "other"),
        ("10.0.0.7", "other"),
    ],
)
def test_a_provider_is_known_by_its_host(host: str, provider: str) -> None:
    assert provider_of(host) == provider
