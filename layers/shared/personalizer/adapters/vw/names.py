"""What Vowpal Wabbit's features are called: it knows them by their hashes, in the order of ours."""

from collections.abc import Iterable, Iterator

from personalizer.domain.explanation import Seen
from personalizer.domain.features import Tree, word
from personalizer.domain.request import Action, RankRequest

type Names = dict[str, list[Seen]]
"""By the first character of the namespace, which is all that VW tells them apart by."""


def of_context(request: RankRequest) -> Names:
    return _named(seen for tree in request.context for seen in _seen("FromUrl", tree))


def of_action(action: Action) -> Names:
    own = [Seen("i", "constant"), Seen("i", "id", word(action.id))]
    return _named([*own, *(seen for tree in action.features for seen in _seen("j", tree))])


def _named(found: Iterable[Seen]) -> Names:
    names: Names = {}
    for seen in found:
        names.setdefault(seen.namespace[0], []).append(seen)
    return names


def _seen(namespace: str, tree: Tree) -> Iterator[Seen]:
    """In the order of the words in `examples`."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _seen(key, value)
        elif isinstance(value, list):
            yield from (Seen(key, str(at)) for at, number in enumerate(value) if number)
    for key, value in tree.items():
        if isinstance(value, str):
            yield Seen(namespace, key, value)
        elif not isinstance(value, dict | list):
            yield Seen(namespace, key)
