"""Prints template.yaml as CloudFormation gets it. Runs where aws-sam-translator is installed."""

import json
import sys
from pathlib import Path

from samtranslator.translator.transform import transform  # type: ignore[import-not-found]
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-not-found]


class NoManagedPolicies:
    """The translator asks for names of managed policies; the template uses none."""

    def load(self) -> dict[str, str]:
        return {}


template = yaml_parse(Path("template.yaml").read_text())
for resource in template["Resources"].values():
    for code in {"CodeUri", "ContentUri"} & resource.get("Properties", {}).keys():
        # As after an upload: the translator refuses local folders.
        resource["Properties"][code] = "s3://bucket/" + resource["Properties"][code]
json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout)
