"""Making features safe for VW without changing what they mean."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalizer.domain.features import (
    MAX_DEPTH,
    MAX_MAGNITUDE,
    FeatureError,
    Tree,
    has_value,
    sanitise,
    size,
    word,
)


def nested(levels: int) -> dict[str, object]:
    tree: dict[str, object] = {"leaf": 1}
    for _ in range(levels - 1):
        tree = {"n": tree}
    return tree


def test_plain_features_pass_unchanged() -> None:
    tree: Tree = {"s": "x", "n": 1.5, "i": 3, "t": True, "o": {"a": 1}, "l": [1, 2.5]}
    assert sanitise(tree) == tree


@pytest.mark.parametrize("nothing", [None, False, 0, 0.0, -0.0, {}, [], [0, 0.0], {"_x": 1}])
def test_what_vw_ignores_is_dropped(nothing: object) -> None:
    assert sanitise({"kept": 1, "gone": nothing}) == {"kept": 1}


texts = st.text(st.sampled_from("ab_|: /\t\x7f\u2028Ü日"), max_size=4)
leaves = (
    texts
    | st.sampled_from([True, False, None, 0, 1, 1e-31, 2e6, 10**400])
    | st.floats(allow_nan=False, allow_infinity=False)
)


@given(st.dictionaries(texts.filter(bool), leaves, max_size=5))
def test_what_looks_clean_at_a_glance_is_clean(tree: dict[str, object]) -> None:
    looked_at_closely = sanitise({**tree, "_": None})
    assert [*sanitise(tree).items()] == [*looked_at_closely.items()]


def test_an_empty_text_is_a_feature() -> None:
    assert sanitise({"a": ""}) == {"a": ""}


@pytest.mark.parametrize("key", ["_tag", "_multi", "__aid", "_labelIndex", "_"])
def test_a_control_word_of_vw_is_dropped(key: str) -> None:
    assert sanitise({key: {"x": 1}, "a": 1}) == {"a": 1}


def test_what_an_ignored_key_holds_is_not_looked_at() -> None:
    assert sanitise({"_multi": ["text", {}], "a": 1}) == {"a": 1}


@pytest.mark.parametrize("key", [" tag", "|tag", ":tag", "\ttag", "\x00tag"])
def test_a_key_cannot_become_a_control_word_by_being_made_safe(key: str) -> None:
    assert sanitise({key: 1}) == {"x_tag": 1}


@pytest.mark.parametrize("unsafe", [*map(chr, range(0x21)), "\x7f", "|", ":"])
def test_what_structures_vw_text_is_replaced_in_names_and_values(unsafe: str) -> None:
    assert sanitise({f"a{unsafe}b": f"c{unsafe}d"}) == {"a_b": "c_d"}


@pytest.mark.parametrize("value", [{"a": 1}, [1]])
def test_a_container_whose_name_is_not_ascii_gets_one_that_is(value: object) -> None:
    assert sanitise({"Ü": value}) == {"xÜ": value}


def test_other_names_and_values_may_be_unicode() -> None:
    assert sanitise({"日本": "東京", "aÜ": {"ü": 1}}) == {"日本": "東京", "aÜ": {"ü": 1}}


@pytest.mark.parametrize(("given", "kept"), [(1e300, MAX_MAGNITUDE), (-(10**30), -MAX_MAGNITUDE)])
def test_large_numbers_are_clamped(given: float, kept: float) -> None:
    assert sanitise({"a": given, "l": [given]}) == {"a": kept, "l": [kept]}


def test_a_number_that_vw_would_round_to_zero_is_zero() -> None:
    assert sanitise({"a": 1e-40, "l": [1e-40, 1]}) == {"l": [0, 1]}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [math.nan]])
def test_a_number_that_is_not_finite_is_refused(value: object) -> None:
    with pytest.raises(FeatureError, match="FeaturesNotInKeyValueFormat"):
        sanitise({"a": value})


@pytest.mark.parametrize("item", ["text", True, None, {"a": 1}, [1]])
def test_an_array_of_anything_but_numbers_is_refused(item: object) -> None:
    with pytest.raises(FeatureError, match="FeatureContainsNonNumberArray"):
        sanitise({"a": [1, item]})


@pytest.mark.parametrize("tree", [{"": 1}, {"a": {"": 1}}, {"": None}])
def test_an_empty_name_is_refused(tree: dict[str, object]) -> None:
    with pytest.raises(FeatureError, match="FeatureHasEmptyStringId"):
        sanitise(tree)


def test_nesting_is_allowed_up_to_a_depth() -> None:
    assert sanitise(nested(MAX_DEPTH)) == nested(MAX_DEPTH)


def test_deeper_nesting_is_refused() -> None:
    with pytest.raises(FeatureError, match="FeaturesNotInKeyValueFormat"):
        sanitise(nested(MAX_DEPTH + 1))


def test_of_names_that_become_the_same_the_last_counts() -> None:
    assert sanitise({"a b": 1, "a_b": 2}) == {"a_b": 2}


def test_size_counts_leaves() -> None:
    tree = {"a": 1, "n": {"b": "x", "c": {"d": True}}, "l": [1, 2, 3]}
    assert size(sanitise(tree)) == 6


@pytest.mark.parametrize(("tree", "some"), [({}, False), ({"a": None}, False), ({"a": 0}, True)])
def test_only_null_is_no_value(tree: dict[str, object], some: bool) -> None:
    assert has_value(tree) is some


def test_a_word_has_no_blanks() -> None:
    assert word("two words|more:1") == "two_words_more_1"
