"""Where the local stack keeps its things: all of it in the checkout, none of it in git."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCAL = ROOT / ".local"
STATE = LOCAL / "state"  # the emulator's memory, its log, its lock
KEY = LOCAL / "key"
ENDPOINT = LOCAL / "endpoint"
PYTHON_WITH_PIP = LOCAL / "uv" / "bin"  # the other environments are made by uv, without pip
EMULATOR_PYTHON = LOCAL / "emulator" / "bin" / "python"
SAM = LOCAL / "sam" / "bin" / "sam"
BUILD = ROOT / ".aws-sam" / "build"
