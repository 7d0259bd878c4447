"""One name in every place: folder, resource, event file, log group."""

import json
import re
from dataclasses import fields

import pytest

from personalizer.domain.evaluation.job import JobRef
from personalizer.settings import Settings
from tests.template.cloudformation import ROOT, Template, listed, resource_name

FUNCTIONS = [
    "authorize",
    "rank",
    "reward",
    "activate",
    "relay",
    "expire",
    "training",
    "retention",
    "evaluation",
    "management",
    "loops",
    "provision",
]


def test_the_template_has_exactly_the_functions_of_the_house(template: Template) -> None:
    assert set(FUNCTIONS) == set(template.functions())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_its_resource_its_handler_and_its_example_event(
    template: Template, name: str
) -> None:
    assert template.resources[resource_name(name)]["Properties"]["CodeUri"] == f"functions/{name}"
    assert "def handler(" in (ROOT / "functions" / name / "app.py").read_text()
    assert (ROOT / "events" / f"{name}.json").is_file()


def test_a_function_folder_is_a_function_of_the_template(template: Template) -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}
    assert folders <= set(template.functions())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_logs_to_its_own_group_for_a_limited_time(template: Template, name: str) -> None:
    group = template.functions()[name]["LoggingConfig"]["LogGroup"]["Ref"]
    properties = template.resources[group]["Properties"]
    assert properties["LogGroupName"] == {"Fn::Sub": f"/${{AWS::StackName}}/{name}"}
    assert "RetentionInDays" in properties


def test_the_environment_is_what_settings_reads(template: Template) -> None:
    variables = set(template.document["Globals"]["Function"]["Environment"]["Variables"])
    ours = {name for name in variables if not name.startswith("POWERTOOLS_")}
    assert ours == {field.name.upper() for field in fields(Settings)}


def test_only_who_meets_models_carries_the_engine(template: Template) -> None:
    with_engine = {
        name
        for name, function in template.functions().items()
        if {"Ref": "VowpalWabbitLayer"} in function.get("Layers", [])
    }
    assert with_engine == {"rank", "training", "evaluation", "management"}


def test_evaluations_take_no_more_than_they_are_given(template: Template) -> None:
    """Many loops may be due at once, and rank and reward need what the account has."""
    reserved = template.functions()["evaluation"]["ReservedConcurrentExecutions"]
    given, nothing = {"Ref": "EvaluationConcurrency"}, {"Ref": "AWS::NoValue"}
    assert reserved == {"Fn::If": ["ReservesEvaluationConcurrency", given, nothing]}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_do_named_things_to_named_resources(template: Template, name: str) -> None:
    # The only wildcards are in AWS's managed policies for log lines and traces, which SAM adds.
    for statement in template.allowed(name):
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in listed(statement["Action"]))
        assert "*" not in listed(statement["Resource"])


READS = {
    "authorize": {"key#*"},
    "rank": {"loop#*"},
    "training": {"loop#*", "loops"},
    "retention": {"loop#*", "loops"},
    "evaluation": {"evaluations#*", "loop#*", "loops"},
    "management": {"evaluations#*", "loop#*"},
    "loops": {"loop#*", "loops", "keys#*"},
    "provision": {"loop#*", "loops"},
}
WRITES = {
    "training": {"loop#*"},
    "retention": {"loop#*", "loops"},
    "evaluation": {"evaluations#*", "loop#*"},
    "management": {"evaluations#*", "loop#*"},
    "loops": {"loop#*", "loops", "keys#*", "key#*"},
    "provision": {"loop#*", "loops"},
}


def test_a_function_reads_of_loops_and_keys_what_it_must(template: Template) -> None:
    assert _partitions(template, {"dynamodb:GetItem", "dynamodb:Query"}) == READS


def test_a_function_writes_of_loops_and_keys_what_it_must(template: Template) -> None:
    assert _partitions(template, {"dynamodb:PutItem", "dynamodb:DeleteItem"}) == WRITES


def _partitions(template: Template, actions: set[str]) -> dict[str, set[str]]:
    """Of the table of loops, each function's."""
    found: dict[str, set[str]] = {}
    for name in FUNCTIONS:
        for statement in template.allowed(name):
            if {"Fn::GetAtt": "LoopsTable.Arn"} not in listed(statement["Resource"]):
                continue
            if actions & {*listed(statement["Action"])}:
                keys = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
                found.setdefault(name, set()).update(keys)
    return found


def test_only_what_no_model_or_account_needs_may_be_deleted(template: Template) -> None:
    """Of loops and keys, that is: an administrator may ask for these to go."""
    deletions = {
        (name, action, resource["Fn::Sub"])
        for name in FUNCTIONS
        for statement in template.allowed(name)
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if "Delete" in action and action != "dynamodb:DeleteItem"
    }
    data = [f"${{DataBucket.Arn}}/{folder}/*" for folder in ("log", "gen", "seen", "audit")]
    aside = [f"${{QuarantineBucket.Arn}}/{folder}/*" for folder in ("quarantine", "redriven")]
    old = {("retention", "s3:DeleteObject", each) for each in (*data, *aside)}
    of_jobs = "s3:DeleteObject", "${DataBucket.Arn}/evaluation/*"
    assert deletions == {*old, ("evaluation", *of_jobs), ("management", *of_jobs)}


def test_the_layer_knows_every_service_that_the_functions_call() -> None:
    bootstrap = ROOT / "layers/shared/personalizer/bootstrap"
    text = "".join(path.read_text() for path in bootstrap.glob("*.py"))
    called = set(re.findall(r'(?:sdk|quick|signing_client)\("(\w+)"', text))
    makefile = (ROOT / "layers/shared/Makefile").read_text()
    (kept,) = re.findall(r"^SERVICES := (.*)$", makefile, re.MULTILINE)
    assert called == set(kept.split())


def test_every_task_of_an_evaluation_is_told_which_job_it_is_of(template: Template) -> None:
    machine = template.resources["EvaluationMachine"]["Properties"]
    _, told = machine["DefinitionString"]["Fn::Sub"]
    job = json.loads(f"{{{told['Job']}}}")
    assert job == {f"{name}.$": f"$.{name}" for name in JobRef._fields}
