"""The stack on the emulator: the same `sam build` and `sam deploy` that put it into an account."""

import json
import re
from collections.abc import Mapping

from cli.local import environment, places
from cli.steps import Problem, run

NAME = "open-personalizer"
GATEWAY_HOST = re.compile(r"https://(?P<api>\w+)\.execute-api\.[^/]+/(?P<stage>\w+)")


def build(port: int) -> None:
    _sam("build", "--cached", "--parallel", port=port)


def deploy(port: int, **parameters: str) -> None:
    """Create the stack, or change what changed. Parameters that are not named stay as they are."""
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    _sam(
        "deploy",
        *("--stack-name", NAME, "--capabilities", "CAPABILITY_IAM", "--resolve-s3"),
        *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"),
        *(("--parameter-overrides", *overrides) if overrides else ()),
        port=port,
    )


def outputs(port: int) -> dict[str, str]:
    listed = _sam("list", "stack-outputs", "--stack-name", NAME, "--output", "json", port=port)
    return {output["OutputKey"]: output["OutputValue"] for output in json.loads(listed)}


def url(port: int, outputs: Mapping[str, str]) -> str:
    """The API's address on this machine: the output `ApiUrl` names a host that is only on AWS."""
    if not (name := GATEWAY_HOST.match(outputs["ApiUrl"])):
        raise Problem(f"No API was deployed: {outputs['ApiUrl']}")
    return f"http://127.0.0.1:{port}/restapis/{name['api']}/{name['stage']}/_user_request_"


def settings(outputs: Mapping[str, str]) -> dict[str, str]:
    """The stack's outputs as the environment that our own commands read: EVENTS_TABLE and so on."""
    return {re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper(): value for name, value in outputs.items()}


def _sam(*arguments: str, port: int) -> str:
    # An environment of its own in samconfig.toml, so that no region or profile of a real account
    # that somebody writes down there finds its way here.
    return run(
        [places.SAM, *arguments, "--config-env", "local"],
        env=environment.of_the_tools(port),
        cwd=places.ROOT,
    )
