"""What the local stack's processes may see of the developer's environment."""

import os
from pathlib import Path

from cli.local import places

REGION = "us-east-1"
ANYONE = "test"  # the emulator wants credentials and believes any


def of_the_emulator(state: Path, port: int) -> dict[str, str]:
    """Made from nothing: functions inherit it, and a developer's credentials, profile or proxy
    must not reach them, as they would not on AWS."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(state / "tmp"),
        "TMPDIR": str(state / "tmp"),
        "EMULATOR_LOCK": str(state / "lock"),
        "BIND_HOST": "127.0.0.1",  # the default is every interface, and nothing asks for a password
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",  # these two would listen on ports of their own
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "services"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "LAMBDA_ACCOUNT_CONCURRENCY": "8",  # processes of some 50 to 100 MB
        "LAMBDA_WARM_TTL_SECONDS": "60",
        **no_account(),
    }


def of_the_tools(port: int) -> dict[str, str]:
    """The developer's, for pip's and the proxy's settings, but with no way to a real account."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    direct = ",".join(filter(None, [own.get("no_proxy", own.get("NO_PROXY")), "127.0.0.1"]))
    return own | {
        # `sam build` and the layers' Makefiles run python3.13 and its pip.
        "PATH": f"{places.PYTHON_WITH_PIP}{os.pathsep}{os.environ['PATH']}",
        "NO_PROXY": direct,
        "no_proxy": direct,
        **of_the_clients(port),
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.2",  # seconds; the default suits an account far away
        **no_account(),
    }


def of_the_clients(port: int) -> dict[str, str]:
    """What AWS's libraries need to find the emulator."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": ANYONE,
        "AWS_SECRET_ACCESS_KEY": ANYONE,
        "AWS_DEFAULT_REGION": REGION,
    }


def no_account() -> dict[str, str]:
    return {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
