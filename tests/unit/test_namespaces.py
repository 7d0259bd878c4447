"""Which namespaces a log has, so that a search can name them."""

from personalizer.domain.evaluation.candidates import Namespaces
from personalizer.usecases.evaluation import namespaces


def _line(context: str, *actions: str) -> bytes:
    return b'{"c":{"FromUrl":[%b],"_multi":[%b]}}' % (context.encode(), ",".join(actions).encode())


PLAIN = '{"_tag":"a","i":{"constant":1,"id":"a"},"j":[{"label":"a"}]}'


def test_a_flat_context_is_one_namespace_and_an_action_two() -> None:
    found = namespaces.of([_line('{"age":3,"city":"Bern"}', PLAIN)])
    assert found == Namespaces(("F",), ("i", "j"), widest=2)


def test_nested_objects_and_lists_of_numbers_are_namespaces_of_their_own() -> None:
    context = '{"user":{"age":3,"home":{"city":"Bern"}},"vector":[1,2,3],"hour":7}'
    found = namespaces.of([_line(context, '{"i":{"id":"a"},"j":[{"price":{"euro":1}}]}')])
    assert found == Namespaces(("F", "h", "u", "v"), ("i", "p"), widest=6)


def test_all_lines_count_and_the_widest_context_is_the_one_that_is_told() -> None:
    lines = [_line('{"a":1,"b":2}', PLAIN), _line('{"user":{"age":3}}', PLAIN)]
    assert namespaces.of(lines) == Namespaces(("F", "u"), ("i", "j"), widest=2)


def test_a_namespace_that_no_option_can_name_is_left_out() -> None:
    found = namespaces.of([_line('{"-odd":{"a":1},"even":{"b":1}}', PLAIN)])
    assert found.context == ("e",)


def test_an_empty_log_has_none() -> None:
    assert namespaces.of([]) == Namespaces((), (), widest=0)
