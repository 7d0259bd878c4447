"""template.yaml as SAM translates it: every resource that CloudFormation gets."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TRANSLATE = [ROOT / ".local/emulator/bin/python", ROOT / "tests/e2e/translate.py"]
ENVIRONMENT = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1"}

type Resources = dict[str, dict[str, Any]]


def translated() -> Resources:
    done = subprocess.run(TRANSLATE, cwd=ROOT, env=ENVIRONMENT, capture_output=True, check=True)
    return dict(json.loads(done.stdout)["Resources"])


def of_type(resources: Resources, kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in resources.values() if each["Type"] == kind]
