"""Which decisions a loop has learned, whether their lines are kept or forgotten."""

from collections.abc import Iterable

from personalizer import dsjson
from personalizer.domain.audit import What
from personalizer.domain.commit import Commit
from personalizer.domain.loop import Head
from personalizer.errors import NotProvable
from personalizer.ports import Audit, Objects
from personalizer.usecases import chain


def known(objects: Objects, audit: Audit, head: Head) -> set[str]:
    """The uids of all that was learned up to this head. Reads the whole log.

    Raises NotProvable, ObjectMissing or ObjectCorrupt.
    """
    if head.kept.cleared < head.kept.oldest:
        raise NotProvable("lines are being forgotten; try again when that is done")
    forgotten = {note.uid for note in audit.read(head.loop) if note.what is What.FORGOTTEN}
    return forgotten | uids(objects, chain.kept(objects, head))


def uids(objects: Objects, commits: Iterable[Commit]) -> set[str]:
    return {
        dsjson.origin(line).uid for commit in commits for line in chain.segment(objects, commit)
    }
