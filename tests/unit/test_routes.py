"""Which operation a method and a path mean."""

from collections.abc import Mapping

import pytest

from personalizer.api import Request, Response
from personalizer.routes import Routes


def one(request: Request, parameters: Mapping[str, str]) -> Response:
    return Response(200)


def other(request: Request, parameters: Mapping[str, str]) -> Response:
    return Response(204)


@pytest.fixture
def routes() -> Routes:
    routes = Routes()
    routes.add("GET", "/model", one)
    routes.add("GET", "/model/history/{generation}", other)
    return routes


def test_a_path_is_found_with_its_method(routes: Routes) -> None:
    assert routes.find("GET", "/model") == (one, {})


def test_what_stands_for_a_name_is_handed_on_as_it_came(routes: Routes) -> None:
    assert routes.find("GET", "/model/history/a%2Fb") == (other, {"generation": "a%2Fb"})


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/model"), ("GET", "/models"), ("GET", "/model/"), ("GET", "/model/history/")],
)
def test_any_other_is_not_found(routes: Routes, method: str, path: str) -> None:
    assert routes.find(method, path) is None
