"""A pid file that cannot lie: whoever wrote it holds its lock for as long as it lives."""

import fcntl
from pathlib import Path
from typing import TextIO


def hold(path: Path, note: str) -> TextIO:
    """Lock `path` until the returned file is closed; BlockingIOError if another process has it."""
    file = path.open("a")  # not "w": the note of a living holder must survive our failure
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    file.truncate(0)
    file.write(note)
    file.flush()
    return file


def note_of_holder(path: Path) -> str | None:
    """What the living holder wrote, or None: a file left behind by a crash counts for nothing."""
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return path.read_text()
    return None
