"""Who may do what, once SAM has added its share: every statement of every policy."""

import re
from typing import Any

import pytest

from tests.e2e.translated import Resources, of_type, translated
from tests.template.cloudformation import listed

KEY = {"Fn::GetAtt": ["DataKey", "Arn"]}
# A key that its account's administrators cannot manage is lost.
FOR_THE_ACCOUNT = {"IamDecidesInThisAccount"}
# Some of a bucket's objects, or whichever stream the table has: its name holds its time of birth.
# Or the runs of the machine, and those that its distributed map makes.
BELOW = re.compile(r"\$\{\w+\.Arn\}/[a-z/]+/\*|arn:.+:execution:\$\{AWS::StackName\}-[a-z]+[:/]\*")
# SAM adds these, for log lines and traces; and the role that API Gateway logs with has its own.
OF_AWS = {
    "AWSLambdaBasicExecutionRole",
    "AWSXrayWriteOnlyAccess",
    "AWSXRayDaemonWriteAccess",
    "AmazonAPIGatewayPushToCloudWatchLogs",
}

type Statement = dict[str, Any]


@pytest.fixture(scope="module")
def resources() -> Resources:
    return translated()


@pytest.fixture(scope="module")
def statements(resources: Resources) -> list[Statement]:
    found = _statements_in(resources)
    assert found
    return found


def test_no_statement_allows_wildcards_but_below_a_named_resource(
    statements: list[Statement],
) -> None:
    for statement in statements:
        if statement["Effect"] == "Allow" and statement.get("Sid") not in FOR_THE_ACCOUNT:
            assert not [action for action in listed(statement["Action"]) if "*" in action]
    for resource in _allowed_resources(statements):
        assert "*" not in str(resource) or BELOW.fullmatch(resource["Fn::Sub"]), resource


def test_no_statement_says_what_it_does_not_mean(statements: list[Statement]) -> None:
    for statement in statements:
        assert not {"NotAction", "NotResource", "NotPrincipal"} & statement.keys()


def test_nobody_unknown_is_allowed_anything(
    resources: Resources, statements: list[Statement]
) -> None:
    allowing = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert not [statement for statement in allowing if "*" in str(statement.get("Principal"))]
    for permission in of_type(resources, "AWS::Lambda::Permission"):
        assert permission["Principal"].endswith(".amazonaws.com")
        assert "SourceArn" in permission


def test_roles_have_no_policies_of_aws_but_for_log_lines_and_traces(resources: Resources) -> None:
    for role in of_type(resources, "AWS::IAM::Role"):
        arns = [str(arn).rstrip("'}") for arn in role.get("ManagedPolicyArns", [])]
        assert {arn.split("/")[-1] for arn in arns} <= OF_AWS


def test_the_key_is_used_only_through_services(statements: list[Statement]) -> None:
    users = [each for each in statements if each.get("Resource") == KEY]
    assert users
    for statement in users:
        services = statement["Condition"]["StringEquals"]["kms:ViaService"]
        names = {service["Fn::Sub"].split(".")[0] for service in services}
        assert names == {"dynamodb", "kinesis", "lambda", "s3", "states"}


def test_every_role_of_a_function_may_use_the_key(resources: Resources) -> None:
    for function in of_type(resources, "AWS::Lambda::Function"):
        role = resources[function["Role"]["Fn::GetAtt"][0]]["Properties"]
        assert KEY in _allowed_resources(_statements_in(role["Policies"]))
        assert function["KmsKeyArn"] == KEY


def test_logs_are_encrypted_for_this_stack_alone(
    resources: Resources, statements: list[Statement]
) -> None:
    (logs,) = [each for each in statements if each.get("Sid") == "LogsOfThisStack"]
    (arns,) = logs["Condition"]["ArnLike"].values()
    ours = arns["Fn::Sub"].split(":log-group:")[1].removesuffix("*")
    for group in of_type(resources, "AWS::Logs::LogGroup"):
        assert group["LogGroupName"]["Fn::Sub"].startswith(ours)


def _statements_in(part: Any) -> list[Statement]:
    """All of IAM's, however deep."""
    if isinstance(part, list):
        return [statement for each in part for statement in _statements_in(each)]
    if not isinstance(part, dict):
        return []
    return [part] if "Effect" in part else _statements_in(list(part.values()))


def _allowed_resources(statements: list[Statement]) -> list[Any]:
    """The one of a key's own policy is that key, which it can name by nothing but a star."""
    return [
        resource
        for statement in statements
        if statement["Effect"] == "Allow" and "Principal" not in statement
        for resource in listed(statement["Resource"])
    ]
