"""A request as Vowpal Wabbit reads it: text to predict from, JSON to log and learn from.

Azure's mapping: the context is the namespace `FromUrl`, an action's id `i`, its features `j`, and a
nested object or array is a namespace of its own name. Both forms yield the same features in the
same order. Text is a quarter cheaper to parse, and survives input that kills VW's JSON reader.
"""

from typing import Any, NamedTuple

import msgspec

from personalizer.domain.features import Tree, size, word
from personalizer.domain.request import Action, Actions, RankRequest

_EXACT_INTEGERS = 1 << 24
_MOST_NUMBERS = 4096


class _Action(msgspec.Struct):
    id: str = msgspec.field(name="_tag")
    features: list[dict[str, Any]] = msgspec.field(name="j", default_factory=list)


class _Features(msgspec.Struct):
    context: list[dict[str, Any]] = msgspec.field(name="FromUrl", default_factory=list)
    actions: list[_Action] = msgspec.field(name="_multi", default_factory=list)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Features).decode


def text(request: RankRequest) -> str:
    """One multi-line example, shared context first."""
    context: list[str] = []
    for tree in request.context:
        _add_words(context, "FromUrl", tree)
    return f"shared {' '.join(context)}" + _all(request.candidates).text


def features(request: RankRequest) -> bytes:
    """The same as JSON: the `c` of a dsjson line."""
    actions = _all(request.candidates).json
    return b'{"FromUrl":%b,"_multi":[%b]}' % (_encode(request.context), actions)


def request(logged: bytes) -> RankRequest:
    """What `features` made this of."""
    found = _decode(logged)
    return RankRequest(
        context=tuple(found.context),
        context_size=sum(map(size, found.context)),
        actions=Actions(
            Action(a.id, tuple(a.features), sum(map(size, a.features))) for a in found.actions
        ),
        excluded=frozenset(),
        event_id=None,
        inactive=False,
    )


class _Rendered(NamedTuple):
    text: str
    json: bytes


def _all(actions: Actions) -> _Rendered:
    """Catalogues repeat: equal ones are one object (see wire.rank), and are rendered once."""
    if actions.derived is None:
        each = [action.derived or _one(action) for action in actions]
        lines = ["", *[one.text for one in each], "", ""]
        actions.derived = _Rendered("\n".join(lines), b",".join([one.json for one in each]))
    rendered: _Rendered = actions.derived
    return rendered


def _one(action: Action) -> _Rendered:
    name = word(action.id)
    words = [f"|i constant:1 id{name}"]
    for tree in action.features:
        _add_words(words, "j", tree)
    whole = {"_tag": action.id, "i": {"constant": 1, "id": name}, "j": action.features}
    action.derived = rendered = _Rendered(" ".join(words), _encode(whole))
    return rendered


def _add_words(words: list[str], name: str, tree: Tree) -> None:
    """The namespaces in the order in which VW's JSON reader closes them: inner ones first."""
    own = [f"|{name}"]
    for key, value in tree.items():
        if type(value) is str:  # like the next one a shortcut, as most are of these two kinds
            own.append(key + value)
        elif type(value) is float:
            own.append(f"{key}:{_NUMBERS[value]}")
        elif value is True:
            own.append(key)
        elif isinstance(value, dict):
            _add_words(words, key, value)
        elif isinstance(value, list):
            words.append(f"|{key}")
            words += [f"{at}:{_NUMBERS[number]}" for at, number in enumerate(value) if number]
        elif not isinstance(value, str):
            own.append(f"{key}:{_NUMBERS[value]}")
    if len(own) > 1:
        words += own


class _Numbers(dict[float, str]):
    """Numbers as VW reads them exactly, small integers and hex: its decimal reader is off in the
    last bits. The same ones come again and again, and hex costs as much as all else of a feature.
    """

    def __missing__(self, number: float) -> str:
        if len(self) == _MOST_NUMBERS:
            self.clear()
        is_small = number.is_integer() and -_EXACT_INTEGERS < number < _EXACT_INTEGERS
        self[number] = written = str(int(number)) if is_small else float(number).hex()
        return written


_NUMBERS = _Numbers()
