"""CloudFormation's resource FirstLoop: a stack that is new has a loop.

Nothing here deletes: a loop outlives its stack, as its data do.
"""

from typing import Any

from aws_lambda_powertools import Logger

from personalizer.adapters.cloudformation import respond
from personalizer.bootstrap import administration

logger = Logger()
provision = administration.provision()


def handler(event: dict[str, Any], context: object) -> None:
    loop = event["ResourceProperties"]["Loop"]
    try:
        if event["RequestType"] != "Delete":
            logger.info("provisioned", loop=loop, made=provision(loop))
    except Exception as error:  # whatever it is: CloudFormation waits until it is told
        logger.exception("failed", loop=loop)
        respond(event, loop, f"Loop {loop} cannot be made: {error!r}")
    else:
        respond(event, loop)
