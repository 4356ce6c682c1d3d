import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcstack.domain.own_bucket import Place, check_keys, host_of, place_of, spot_of
from rtcstack.errors import Invalid


def _place(endpoint: str | None = None, region: str | None = None, **other: object) -> Place:
    given_: dict[str, object] = {"prefix": None, "path_style": None, **other}
    return place_of("acme", endpoint=endpoint, region=region, **given_)  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize(
    ("endpoint", "region", "address", "signed_for", "path_style"),
    [
        (None, "eu-central-1", "https://s3.eu-central-1.amazonaws.com", "eu-central-1", False),
        (None, "cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn", "cn-north-1", False),
        (
            "https://s3.eu-west-3.amazonaws.com",
            None,
            "https://s3.eu-west-3.amazonaws.com",
            "eu-west-3",
            False,
        ),
        (
            "https://acme.s3.eu-west-3.amazonaws.com",
            None,
            "https://s3.eu-west-3.amazonaws.com",
            "eu-west-3",
            False,
        ),
        (
            "https://1a2b.r2.cloudflarestorage.com",
            None,
            "https://1a2b.r2.cloudflarestorage.com",
            "auto",
            True,
        ),
        (
            "https://1a2b.r2.cloudflarestorage.com/acme",
            None,
            "https://1a2b.r2.cloudflarestorage.com",
            "auto",
            True,
        ),
        (
            "s3.us-west-004.backblazeb2.com",
            None,
            "https://s3.us-west-004.backblazeb2.com",
            "us-west-004",
            True,
        ),
        (
            "https://acme.nyc3.digitaloceanspaces.com",
            None,
            "https://nyc3.digitaloceanspaces.com",
            "nyc3",
            True,
        ),
        (
            "https://s3.eu-central-1.wasabisys.com",
            None,
            "https://s3.eu-central-1.wasabisys.com",
            "eu-central-1",
            True,
        ),
        ("https://s3.wasabisys.com", None, "https://s3.wasabisys.com", "us-east-1", True),
        ("http://127.0.0.1:9000", None, "http://127.0.0.1:9000", "us-east-1", True),
        ("http://127.0.0.1:9000/", "local-1", "http://127.0.0.1:9000", "local-1", True),
        ("http://[::1]:9000", None, "http://[::1]:9000", "us-east-1", True),
    ],
)
def test_what_each_store_needs_is_told_from_its_endpoint(
    endpoint: str | None, region: str | None, address: str, signed_for: str, path_style: bool
) -> None:
    place = _place(endpoint, region)
    assert (place.endpoint, place.region, place.path_style) == (address, signed_for, path_style)


def test_what_a_caller_says_counts() -> None:
    place = _place("https://s3.eu-west-3.amazonaws.com", "us-east-2", path_style=True, prefix="a/b")
    assert (place.region, place.path_style, place.prefix) == ("us-east-2", True, "a/b/")


@pytest.mark.parametrize("endpoint", [None, "https://s3.amazonaws.com"])
def test_amazon_needs_a_region(endpoint: str | None) -> None:
    with pytest.raises(Invalid) as failed:
        _place(endpoint)
    assert failed.value.details["field"] == "region"


@pytest.mark.parametrize(
    "prefix", ["/", "//", "a//b", "./a", "a/..", "é", "a b", "{room_name}", "x" * 600, f"a/{'x' * 256}/b"]
)
def test_a_prefix_is_made_of_plain_folders(prefix: str) -> None:
    with pytest.raises(Invalid, match="prefix"):
        _place("http://x", prefix=prefix)


@given(st.text())
def test_no_endpoint_gets_through_that_is_more_than_an_address(endpoint: str) -> None:
    try:
        place = _place(endpoint, "us-east-1")
    except Invalid:
        return
    scheme, slashes, rest = place.endpoint.partition("://")
    assert (scheme in {"http", "https"}, slashes) == (True, "://")
    assert rest
    assert not set("/?#@ \r\n\t") & set(rest)
    assert host_of(place.endpoint)


@pytest.mark.parametrize("secret", ["", " s", "s\n", "s\r\nx-amz: 1", "sé", "****", "*"])
def test_secrets_that_no_store_gives_out(secret: str) -> None:
    with pytest.raises(Invalid, match="secret_access_key") as failed:
        check_keys("key", secret)
    assert failed.value.details == {"field": "secret_access_key"}


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=128))
def test_printable_keys_pass(text: str) -> None:
    key_id = text.replace("/", "-").replace(",", "-")
    check_keys(key_id, f"s{text}")


@pytest.mark.parametrize(
    "same",
    [
        ("http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000", "http://[::ffff:127.0.0.1]:9000"),
        ("http://10.0.0.1:9000", "http://10.1:9000", "http://167772161:9000", "http://[::ffff:a00:1]:9000"),
        ("http://[fd00::1]:9000", "http://[FD00:0:0::1]:9000"),
        ("https://s3.eu-central-1.wasabisys.com", "https://s3.wasabisys.com"),
        ("https://s3.us-west-004.backblazeb2.com", "https://s3.eu-central-003.backblazeb2.com"),
        ("https://minio.acme.example", "https://MINIO.acme.example:443", "http://minio.acme.example."),
        ("https://s3.eu-west-3.amazonaws.com", "https://s3.amazonaws.com", "https://s3.dualstack.us-east-1.amazonaws.com"),
    ],
)  # fmt: skip
def test_two_spellings_of_one_bucket_are_one_spot(same: tuple[str, ...]) -> None:
    assert len({spot_of(endpoint, "acme") for endpoint in same}) == 1
    assert spot_of(same[0], "acme") != spot_of(same[0], "globex")


def test_other_stores_are_other_spots() -> None:
    endpoints = [
        "http://127.0.0.1:9000", "http://127.0.0.1:9001", "http://10.0.0.1:9000", "https://minio.acme.example",
        "https://s3.cn-north-1.amazonaws.com.cn", "https://s3.amazonaws.com", "https://s3.eu-central-1.wasabisys.com",
        "https://ams3.digitaloceanspaces.com", "https://nyc3.digitaloceanspaces.com",
    ]  # fmt: skip
    assert len({spot_of(endpoint, "acme") for endpoint in endpoints}) == len(endpoints)
