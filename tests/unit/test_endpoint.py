"""Where AWS listens."""

import pytest

from personalizer.adapters.crt.endpoint import Endpoint

PARIS = {"AWS_DEFAULT_REGION": "eu-west-3"}


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-3", "dynamodb.eu-west-3.amazonaws.com"),
        ("us-gov-west-1", "dynamodb.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "dynamodb.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_a_service_is_where_its_region_is(region: str, host: str) -> None:
    found = Endpoint.of("dynamodb", {"AWS_REGION": region})
    assert found == Endpoint(region, host, 443, "https")
    assert found.authority == host


def test_the_region_is_the_one_that_the_sdk_takes() -> None:
    assert Endpoint.of("s3", {**PARIS, "AWS_REGION": "us-east-1"}).region == "eu-west-3"


def test_without_a_region_there_is_no_endpoint() -> None:
    with pytest.raises(KeyError, match="AWS_REGION"):
        Endpoint.of("s3", {})


def test_a_bucket_has_a_host_of_its_own() -> None:
    bucket = Endpoint.of("s3", PARIS).of_one("models")
    assert bucket.authority == "models.s3.eu-west-3.amazonaws.com"


@pytest.mark.parametrize(
    ("url", "authority", "scheme", "port"),
    [
        ("http://127.0.0.1:4566", "127.0.0.1:4566", "http", 4566),
        ("http://localhost", "localhost", "http", 80),
        ("https://stand.in/", "stand.in", "https", 443),
        ("http://[::1]:8", "[::1]:8", "http", 8),
    ],
)
def test_something_may_stand_in_for_aws(url: str, authority: str, scheme: str, port: int) -> None:
    found = Endpoint.of("dynamodb", {**PARIS, "AWS_ENDPOINT_URL": url})
    assert (found.authority, found.scheme, found.port) == (authority, scheme, port)
    assert found.is_given


def test_a_services_own_stand_in_comes_first() -> None:
    both = {"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://b"}
    assert Endpoint.of("s3", PARIS | both).host == "b"
    assert Endpoint.of("dynamodb", PARIS | both).host == "a"
