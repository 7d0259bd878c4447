"""What is kept, for how long, and who gives up on it."""

from typing import Any

import pytest

from tests.template.cloudformation import Template, listed

TABLES = ["EventsTable", "LoopsTable"]
BUCKETS = ["DataBucket", "QuarantineBucket"]
MAPPINGS = ["RelayMapping", "TrainingMapping"]
KEY = {"Fn::GetAtt": "DataKey.Arn"}
HOUR = 3600
TABLE_STREAM_HOURS = 24


@pytest.mark.parametrize("name", [*TABLES, *BUCKETS, "HubStream", "DataKey"])
def test_data_outlives_the_stack(template: Template, name: str) -> None:
    resource = template.resources[name]
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_can_be_restored_and_is_encrypted(template: Template, name: str) -> None:
    table = template.resources[name]["Properties"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {
        "SSEEnabled": True,
        "SSEType": "KMS",
        "KMSMasterKeyId": KEY,
    }
    assert "DeletionProtectionEnabled" in table


def test_the_events_table_expires_streams_and_indexes_what_is_due(template: Template) -> None:
    table = template.resources["EventsTable"]["Properties"]
    (due,) = table["GlobalSecondaryIndexes"]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert [key["AttributeName"] for key in due["KeySchema"]] == ["xb", "xp"]


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_private_versioned_and_encrypted(template: Template, name: str) -> None:
    bucket = template.resources[name]["Properties"]
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == KEY


def test_the_hub_is_encrypted_with_the_key(template: Template) -> None:
    hub = template.resources["HubStream"]["Properties"]
    assert hub["StreamEncryption"] == {"EncryptionType": "KMS", "KeyId": KEY}


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_refuses_plain_connections(template: Template, name: str) -> None:
    rule = _rule(template, f"{name}Policy", "EncryptedConnectionsOnly")
    assert rule["Effect"] == "Deny"
    assert rule["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_what_a_commit_names_can_be_created_but_not_replaced(template: Template) -> None:
    rule = _rule(template, "DataBucketPolicy", "CreateOnly")
    folders = ["gen", "seen", "log", "commit", "audit", "policy"]
    assert rule["Effect"] == "Deny"
    assert rule["Action"] == "s3:PutObject"
    assert rule["Resource"] == [{"Fn::Sub": f"${{DataBucket.Arn}}/{each}/*"} for each in folders]
    assert rule["Condition"]["Null"] == {"s3:if-none-match": "true"}


def test_only_management_may_sign_and_nobody_has_the_key(template: Template) -> None:
    key = template.resources["ModelSigningKey"]
    assert key["DeletionPolicy"] == key["UpdateReplacePolicy"] == "Retain"
    assert key["Properties"]["KeyUsage"] == "SIGN_VERIFY"
    signers = {
        name
        for name in template.functions()
        for statement in template.allowed(name)
        if "kms:Sign" in listed(statement["Action"])
    }
    assert signers == {"management"}


def test_no_rule_removes_by_its_age_what_a_loop_may_need(template: Template) -> None:
    rules = template.resources["DataBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert [rule["Prefix"] for rule in rules if "ExpirationInDays" in rule] == ["export/"]


def test_what_was_deleted_is_gone_a_day_later(template: Template) -> None:
    rules = template.resources["DataBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    days = {rule["Prefix"]: rule["NoncurrentVersionExpiration"] for rule in rules}
    folders = ("log/", "gen/", "seen/", "audit/", "evaluation/", "export/")
    assert days == {folder: {"NoncurrentDays": 1} for folder in folders}


def test_every_stream_reader_is_looked_after_here(template: Template) -> None:
    assert set(template.of_type("AWS::Lambda::EventSourceMapping")) == set(MAPPINGS)


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_stream_reader_retries_until_it_keeps_the_records_in_s3(
    template: Template, name: str
) -> None:
    mapping = template.resources[name]["Properties"]
    kept_in = mapping["DestinationConfig"]["OnFailure"]["Destination"]
    assert kept_in == {"Fn::GetAtt": "QuarantineBucket.Arn"}
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["MaximumRetryAttempts"] == -1
    assert mapping["BisectBatchOnFunctionError"] is True


@pytest.mark.parametrize("name", ["relay", "training"])
def test_a_stream_reader_may_write_what_it_gave_up(template: Template, name: str) -> None:
    targets = [
        resource
        for statement in template.allowed(name)
        if "s3:PutObject" in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]
    assert {"Fn::Sub": "${QuarantineBucket.Arn}/aws/lambda/*"} in targets


def test_a_stream_reader_gives_up_before_its_stream_forgets(template: Template) -> None:
    relay, training = (template.resources[name]["Properties"] for name in MAPPINGS)
    hub_hours = template.resources["HubStream"]["Properties"]["RetentionPeriodHours"]
    assert relay["MaximumRecordAgeInSeconds"] == (TABLE_STREAM_HOURS - 2) * HOUR
    assert training["MaximumRecordAgeInSeconds"] == (hub_hours - 6) * HOUR


def test_the_relay_sees_every_change(template: Template) -> None:
    assert "FilterCriteria" not in template.resources["RelayMapping"]["Properties"]


@pytest.mark.parametrize("name", MAPPINGS)
def test_no_reader_promises_partial_answers(template: Template, name: str) -> None:
    # Handlers raise; with the setting on, forgetting to answer would count as success.
    assert "FunctionResponseTypes" not in template.resources[name]["Properties"]


def _rule(template: Template, policy: str, sid: str) -> dict[str, Any]:
    statements = template.resources[policy]["Properties"]["PolicyDocument"]["Statement"]
    (rule,) = [statement for statement in statements if statement["Sid"] == sid]
    return dict(rule)
