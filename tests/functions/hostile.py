"""What a hostile client may send as a rank: whatever has ever killed or misled Vowpal Wabbit."""

import json
from collections.abc import Iterator
from itertools import product

from tests.factories import a_body

TEXTS = {
    "an umlaut": "Ü",
    "another script": "日本",
    "a C1 control": "\x80",
    "no character": "\uffff",
    "a face": "😀",
    "the last character": "\U0010ffff",
    "right to left": "\u202e",
    "a combining accent": "\u0301",
    "a byte order mark": "\ufeff",
    "a bar": "|",
    "a colon": ":",
    "a feature of VW's text": "|ns a:1e30 b",
    "a label of VW's text": "0:-1000:0.0001 | a",
    "the shared label": "shared |",
    "a line": "a\nb",
    "two lines": "\r\n\r\n",
    "a tab": "\t",
    "nothing visible": " ",
    "NUL": "\x00",
    "NUL inside": "a\x00b",
    "an escape": "\x1b[2J",
    "DEL": "\x7f",
    "a quote": '"',
    "a backslash": "\\",
    "an open object": '{"',
    "a format": "%s%n%d",
    "a number": "1e999",
    "no number": "NaN",
    "a hash": "#",
    "a caret": "^a^b",
    "a path": "../../etc/passwd",
    "a long text": "x" * 250,
    "a long text of any script": "é日" * 120,
}
"""Each short enough for an id."""

CONTROL_WORDS = [
    *("_", "__aid", "__AID", "_aid", "_label", "_labelIndex", "_label_cost", "_label_Action"),
    *("_label_probability", "_slots", "_slot_id", "_multi", "_text", "_tag", "_inc", "_a", "_p"),
    *("_outcomes", "_original_label_cost", "_skipLearn", "_graph", "_df", "_definitely_bad", "_q"),
    *("_ccb", "_namespace", "_type", "pdrop", "c", "p", "i", "j", "FromUrl", "Timestamp"),
]
VALUES: list[object] = [
    *(0, 1, -1, 2147483647, -2147483648, 4294967296, 1.5, True, False, None, "x", ""),
    *([], [1], {}, {"a": 1}, {"_multi": 1}, {"j": {"x": 1}}),
]
NESTED_VALUES: list[object] = [[[1]], [{"a": 1}], ["x"], [None], [[]], [True]]
"""Of a control word that is ignored; of any other name they are refused."""

NUMBERS = ["1e39", "-1e39", "1e308", "-1e308", "1e-39", "1e-320", "-0.0", "3.4028236e38"]
NUMBERS += ["18446744073709551616", "-9223372036854775809", "9" * 300, "0.1" + "0" * 300]
"""As JSON has them."""


def taken() -> Iterator[tuple[str, bytes]]:
    """What a rank makes harmless and answers."""
    for name, text in TEXTS.items():
        yield f"{name} everywhere", _everywhere(text)
        yield f"{name} around a feature", _encoded(a_body(contextFeatures=[{text: {"a": 1}}]))
    for word in CONTROL_WORDS:
        values = VALUES + (NESTED_VALUES if word.startswith("_") else [])
        yield word, _encoded(a_body(contextFeatures=_each(word, values), actions=_with(word)))
    for number in NUMBERS:
        yield number[:20], _raw(f'{{"f":{number},"g":[{number},1,{number}]}}')
    yield from _large()
    yield from _odd()


def _large() -> Iterator[tuple[str, bytes]]:
    yield "1,000 features", _body({f"f{n}": n for n in range(1_000)})
    yield (
        "3,000 features of one action",
        _encoded(a_body(actions=[{"id": "a", "features": [{f"f{n}": n for n in range(3_000)}]}])),
    )
    yield "10,000 numbers that are nothing", _body({"f": [0] * 10_000, "g": 1})
    yield "1,000 numbers", _body({"f": [1] * 1_000})
    yield "1,000 namespaces", _body({f"n{n}": {"x": 1} for n in range(1_000)})
    yield "1,000 context objects", _encoded(a_body(contextFeatures=[{"f": n} for n in range(1000)]))
    yield "a value of 100 KB", _body({"f": "x" * 100_000})
    yield "a name of 100 KB", _body({"x" * 100_000: 1})
    yield "a container's name of 100 KB", _body({"ü" * 50_000: {"x": [1]}})
    yield (
        "50 actions",
        _encoded(a_body(actions=[{"id": n, "features": [{"f": n}]} for n in range(50)])),
    )


def _odd() -> Iterator[tuple[str, bytes]]:
    yield "duplicate names", _raw('{"f":1,"f":"x","f":[1],"f":{"a":1}}')
    yield "names that become the same", _raw('{"a b":1,"a|b":[1],"a:b":{"x":1},"a_b":"x"}')
    yield "duplicate fields", b'{"actions":null,' + _encoded(a_body())[1:]
    yield (
        "actions with the same id",
        _encoded(a_body(actions=[{"id": "a", "features": [{"f": n}]} for n in range(3)])),
    )
    yield (
        "actions that differ in nothing",
        _encoded(a_body(actions=[{"id": n, "features": [{"f": 1}]} for n in range(3)])),
    )
    yield (
        "only ignored features",
        _encoded(a_body(actions=[{"id": n, "features": [{"_f": 1}]} for n in range(2)])),
    )
    yield (
        "only ignored features anywhere",
        _encoded(
            a_body(
                contextFeatures=[{"_f": 1}],
                actions=[{"id": n, "features": [{"_f": 1, "g": 0}]} for n in range(2)],
            )
        ),
    )
    yield "excluded actions that are not there", _encoded(a_body(excludedActions=["|", "\x00", 7]))
    yield (
        "fields of VW's line",
        _encoded(
            a_body(_label_cost=-9, _multi=[[1]], c={"_multi": 1}, a=[0], p=[9], VWState={"m": "x"})
        ),
    )
    yield "as deep as may be", _body(_nested(30))
    yield "a byte order mark before it", b"\xef\xbb\xbf" + _encoded(a_body())


DEEP = 100_000


def refused() -> Iterator[tuple[str, bytes]]:
    """What a rank refuses."""
    whole = _encoded(a_body())
    for name, opening, closing in (("arrays", b"[", b"]"), ("objects", b'{"f":', b"}")):
        deep = opening * DEEP + b"1" + closing * DEEP
        yield f"deep {name} as a feature", _raw(f'{{"f":{deep.decode()}}}')
        yield f"deep {name} as an ignored feature", _raw(f'{{"_f":{deep.decode()},"g":1}}')
        yield f"deep {name} as the context", b'{"contextFeatures":' + deep + b"," + whole[1:]
        yield f"deep {name} as excluded actions", b'{"excludedActions":' + deep + b"," + whole[1:]
        yield f"deep {name} as an event id", b'{"eventId":' + deep + b"," + whole[1:]
        yield f"deep {name} in a field of no meaning", b'{"other":' + deep + b"," + whole[1:]
        yield f"deep {name} alone", deep
    for word, value in product([w for w in CONTROL_WORDS if w[0] != "_"], NESTED_VALUES):
        yield f"{word} is {value}", _body({word: value, "f": 1})
    for number in ("1e999", "-1e999", "NaN", "-NaN", "Infinity", "-Infinity", "0x10", "1e", ".1"):
        yield f"{number} as a feature", _raw(f'{{"f":{number}}}')
        yield f"{number} in an array", _raw(f'{{"f":[1,{number}]}}')
    for half in (r"\ud800", r"\udfff", r"\ud800\ud800"):
        yield f"{half} as a name", _raw(f'{{"{half}":1}}')
        yield f"{half} as a container's name", _raw(f'{{"{half}":{{"a":1}}}}')
        yield f"{half} as a value", _raw(f'{{"f":"{half}"}}')
        yield f"{half} as an action's id", whole.replace(b'"a"', b'"%b"' % half.encode())
    for data in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\x00"):
        yield f"{data!r} as a name", whole.replace(b"hour", data)
    for scalar in (b"true", b"false", b"1", b'"x"', b"null", b"[]", b"[[]]", b"\x00", b"{}" * 2):
        yield f"{scalar!r} alone", scalar
    yield "10,001 actions", _encoded(a_body(actions=[{"id": "a", "features": [{"f": 1}]}] * 10_001))
    yield "10,000 features", _body({f"f{n}": 1 for n in range(10_000)})
    yield "an empty name deep inside", _body({"a": {"b": {"": {"c": 1}}}})
    yield "too deep", _body(_nested(40))


def _everywhere(text: str) -> bytes:
    """A rank that has it wherever a client may choose a text."""
    context = [{text: 1}, {"f": text}, {text: {text: text}}, {"a": {text: [1, 2.5]}}]
    features = [{text: {text: {text: [1], "f": text}}, "g": 1}]
    actions = [{"id": text, "features": features}, {"id": "b", "features": [{text: True}]}]
    return _encoded(
        {
            "eventId": text,
            "contextFeatures": context,
            "actions": actions,
            "excludedActions": [text],
        }
    )


def _each(word: str, values: list[object]) -> list[dict[str, object]]:
    return [{word: value, "f": 1, "deep": {word: value}} for value in values]


def _with(word: str) -> list[dict[str, object]]:
    """An action for each value, so that there is one that a label could mean."""
    return [
        {"id": str(number), "features": [*_each(word, [value]), {"g": number}]}
        for number, value in enumerate(VALUES)
    ]


def _body(features: dict[str, object]) -> bytes:
    """A rank with these features of the context and of an action."""
    actions = [{"id": "a", "features": [features]}, {"id": "b", "features": [{"f": 2}]}]
    return _encoded(a_body(contextFeatures=[features], actions=actions))


def _raw(features: str) -> bytes:
    return _body({"RAW": 1}).replace(b'{"RAW": 1}', features.encode())


def _encoded(body: object) -> bytes:
    return json.dumps(body).encode()


def _nested(depth: int) -> dict[str, object]:
    return {"ü": _nested(depth - 1)} if depth else {"f": [1]}
