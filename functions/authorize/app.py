"""Who is calling: the subscription key tells the loop and the role, and opens nothing else."""

from typing import Any

from personalizer import bootstrap
from personalizer.api import KEY_HEADER, Request
from personalizer.domain.access import Grant

authorize = bootstrap.authorize()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    key = Request(event).header(KEY_HEADER)
    grant = authorize(key) if key else None
    if grant is None:
        raise Exception("Unauthorized")  # the one message that API Gateway turns into a 401
    return {
        "principalId": grant.loop or grant.role,
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
        "context": _context(grant),
    }


def _context(grant: Grant) -> dict[str, str]:
    """What the functions are told: no loop for whoever has none."""
    role = {"role": grant.role.value}
    return role if grant.loop is None else role | {"loop": grant.loop}


def _whole_stage(method_arn: str) -> str:
    """API Gateway caches the answer by key, so it must hold for every method."""
    api, stage = method_arn.split("/")[:2]
    return f"{api}/{stage}/*"
