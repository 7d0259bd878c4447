"""Whether a model from elsewhere may be let in: its head is read, then a child loads and tries it.

The child has no credentials, an empty folder, and limits on all that it takes (see
`examination.py`). A model that kills or holds up the child has done so for the last time.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from personalizer.adapters.vw import children, examination, header
from personalizer.errors import ModelRefused

TIMEOUT_S = 12

OURS = {
    **dict.fromkeys(("--quiet", "--dsjson", "--testonly", "--preserve_performance_counters"), ""),
    **dict.fromkeys(("--no_predict", "--no_stdin"), ""),
    "--initial_regressor": examination.MODEL,
}
"""What the child told VW besides, or VW itself."""

DEFAULTS = (" -l 0.5", " --power_t 0.5", f" -b {header.DEFAULT_BITS}")
"""What says no more than leaving it out."""


def examine(model: bytes) -> str:
    """The arguments that the model was made with. Raises ModelRefused."""
    head = header.read(model)
    shown = header.allowed([*head.options.split(), "--bit_precision", str(head.bits)])
    for stage in examination.STAGES:
        loaded = _loaded(stage, model).replace(f" --id {head.identity} ", " ", 1)
        if header.allowed(loaded.split(), OURS) != shown:
            raise ModelRefused(stage, "other options than its header shows")
    return _brief(shown)


def _brief(arguments: str) -> str:
    for default in DEFAULTS:
        arguments = f"{arguments} ".replace(f"{default} ", " ", 1).rstrip()
    return arguments


def _loaded(stage: str, model: bytes) -> str:
    """What VW says that the model's options are."""
    with tempfile.TemporaryDirectory() as name:
        Path(name, examination.MODEL).write_bytes(model)
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and file, no shell
                [sys.executable, "-S", examination.__file__, stage],
                cwd=name,
                env=children.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                timeout=TIMEOUT_S,
                check=True,
            )
        except subprocess.SubprocessError as error:
            raise ModelRefused(stage, "Vowpal Wabbit cannot use it") from error
    return done.stdout.decode("utf-8", "replace").rpartition("\n")[2]
