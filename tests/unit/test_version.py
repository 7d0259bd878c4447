"""Which version of the contract a path speaks."""

import pytest

from personalizer.wire.version import Version, split


@pytest.mark.parametrize(
    ("path", "version", "rest"),
    [
        ("/personalizer/v1.0/rank", Version.V1_0, "/rank"),
        ("/personalizer/v1.0-preview2019/rank", Version.V1_0, "/rank"),
        ("/personalizer/v1.1-preview.1/model", Version.V1_1_PREVIEW_1, "/model"),
        ("/personalizer/v1.1-preview.2/model", Version.V1_1_PREVIEW_2, "/model"),
        ("/personalizer/v1.1-preview.3/model", Version.V1_1_PREVIEW_3, "/model"),
        ("/personalizer/v1.7/model/properties", Version.V1_1_PREVIEW_3, "/model/properties"),
        ("/personalizer/model", Version.V2022_09_01_PREVIEW, "/model"),
        ("/personalizer/events/v1/reward", Version.V2022_09_01_PREVIEW, "/events/v1/reward"),
    ],
)
def test_a_path_tells_its_version(path: str, version: Version, rest: str) -> None:
    assert split(path) == (version, rest)


@pytest.mark.parametrize("path", ["/", "/personalizer", "/v1/personalizer/x"])
def test_some_paths_are_no_calls(path: str) -> None:
    assert split(path) is None
