"""What processes of our own get from this one."""

import os
import sys

INHERITED = ("LD_LIBRARY_PATH",)
"""On Lambda the interpreter finds its own library by it. Nothing else passes, least credentials."""


def environment() -> dict[str, str]:
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | {"PYTHONPATH": os.pathsep.join(sys.path)}
