"""Where the local stack is: all its things in the checkout, and none of them in git."""

from pathlib import Path

PORT = 4566  # unless `make up` is told another

ROOT = Path(__file__).parents[2]
LOCAL = ROOT / ".local"
STATE = LOCAL / "state"  # the emulator's memory, its log, its lock
KEY = LOCAL / "key"
PYTHON_WITH_PIP = LOCAL / "uv" / "bin"  # the other environments are made by uv, without pip
EMULATOR_PYTHON = LOCAL / "emulator" / "bin" / "python"
SAM = LOCAL / "sam" / "bin" / "sam"
BUILD = ROOT / ".aws-sam" / "build"
