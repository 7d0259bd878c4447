"""Reading template.yaml without AWS's tools: its tags become the functions they are short for."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


class _Loader(yaml.SafeLoader):
    """`!Ref x` reads as {"Ref": "x"}, `!Sub x` as {"Fn::Sub": "x"}."""


def _function(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    key = name if name in ("Ref", "Condition") else f"Fn::{name}"
    if isinstance(node, yaml.ScalarNode):
        return {key: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {key: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _function)


class Template:
    """The parts of a template that the tests ask for."""

    def __init__(self, document: dict[str, Any]):
        self.document = document
        self.resources: dict[str, dict[str, Any]] = document["Resources"]

    @classmethod
    def read(cls) -> "Template":
        return cls(yaml.load((ROOT / "template.yaml").read_text(), Loader=_Loader))

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of each resource of this type, by its name."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def functions(self) -> dict[str, dict[str, Any]]:
        """By the name of their folder."""
        functions = self.of_type("AWS::Serverless::Function")
        return {
            properties["CodeUri"].split("/")[1]: properties for properties in functions.values()
        }

    def routes(self) -> list[tuple[str, str, str]]:
        """(method, path, function) of everything that the API answers."""
        return [
            (event["Properties"]["Method"], event["Properties"]["Path"], name)
            for name, function in self.functions().items()
            for event in function.get("Events", {}).values()
            if event["Type"] == "Api"
        ]

    def allowed(self, name: str) -> list[dict[str, Any]]:
        """The statements of a function's own policies."""
        policies = self.functions()[name].get("Policies", [])
        return [statement for policy in policies for statement in listed(policy["Statement"])]


def listed(value: Any) -> list[Any]:
    """IAM takes one or a list of almost everything."""
    return value if isinstance(value, list) else [value]


def resource_name(title: str) -> str:
    """The resource of a function folder: rank -> RankFunction."""
    return re.sub(r"(^|_)(.)", lambda found: found[2].upper(), title) + "Function"
