"""What passes between a function and AWS, by the names that the rows of the matrix use.

A call of DynamoDB or Kinesis is named by its action and, where there is one, its table; a call of
S3 by its method and the first folder of the key: "PutItem LoopsTable", "PutRecords", "PUT commit".
"""

import json
from collections.abc import Mapping

TARGET = "x-amz-target"
KINESIS = "Kinesis_"


def name(method: str, path: str, headers: Mapping[str, str], body: bytes) -> str:
    target = headers.get(TARGET)
    if target is None:
        return f"{method} {_folder(path)}"
    action = target.rpartition(".")[2]
    table = json.loads(body).get("TableName", "")
    return f"{action} {_resource(table)}" if table else action


def is_kinesis(headers: Mapping[str, str]) -> bool:
    return headers.get(TARGET, "").startswith(KINESIS)


def _folder(path: str) -> str:
    """Of /bucket/folder/...: keys that are listed have no folder."""
    return path.partition("?")[0].split("/")[2] if path.count("/") > 1 else "bucket"


def _resource(table: str) -> str:
    """The emulator names a table like lab-EventsTable-1A2B3C."""
    return next((part for part in table.split("-") if part.endswith("Table")), table)
