"""Azure's specifications of each version, where there is a copy of them.

They are not ours to hand on: CONTRACT_SPECS names the folder, or it lies beside the checkout. A
draft of 2019 is left out, since v1.0 has its paths and more codes.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

BESIDE = Path(__file__).parents[3] / "shared" / "reference" / "contract"
FOLDER = Path(os.environ.get("CONTRACT_SPECS", BESIDE))
VERSIONS = (
    "v1.0",
    "v1.1-preview.1",
    "v1.1-preview.2",
    "v1.1-preview.3",
    "2022-09-01-preview",
)


def load(version: str) -> dict[str, Any]:
    """Without what it says of keys: a wrong one is refused before any operation is reached."""
    path = FOLDER / f"personalizer-{version}.json"
    if not path.exists():
        pytest.skip(f"no copy of Azure's specification of {version}")
    spec = json.loads(path.read_text())
    return {name: part for name, part in spec.items() if not name.startswith("security")}
