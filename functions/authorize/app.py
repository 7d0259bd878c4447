"""Who is calling: the subscription key names the loop, and opens nothing else."""

from typing import Any

from personalizer import bootstrap
from personalizer.api import KEY_HEADER, Request

authorize = bootstrap.authorize()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    key = Request(event).header(KEY_HEADER)
    loop = authorize(key) if key else None
    if loop is None:
        raise Exception("Unauthorized")  # the one message that API Gateway turns into a 401
    return {
        "principalId": loop,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": _whole_stage(event["methodArn"]),
                }
            ],
        },
        "context": {"loop": loop},
    }


def _whole_stage(method_arn: str) -> str:
    """API Gateway caches the answer by key, so it must hold for every method."""
    api, stage = method_arn.split("/")[:2]
    return f"{api}/{stage}/*"
