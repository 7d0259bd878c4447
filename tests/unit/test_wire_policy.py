"""Learning policies in Azure's form."""

import json

import pytest

from personalizer.domain.policy import Policy, canonical
from personalizer.errors import PolicyRefused, RequestError
from personalizer.wire import errors
from personalizer.wire import policy as wire

ARGUMENTS = " --cb_explore_adf --epsilon 0.2 --power_t 0 -l 0.001 --cb_type mtr -q ::"


def a_body(**changes: object) -> bytes:
    return json.dumps({"name": "azure", "arguments": ARGUMENTS, **changes}).encode()


def test_a_policy_is_read_as_azure_writes_it() -> None:
    assert wire.policy(a_body(more=1)) == Policy("azure", ARGUMENTS)


def test_a_policy_is_written_as_azure_reads_it() -> None:
    written = json.loads(wire.response(Policy("azure", canonical(ARGUMENTS)), 0.2))
    shown = "--cb_explore_adf --epsilon 0.2 --cb_type mtr -l 0.001 --power_t 0 -q ::"
    assert written == {"name": "azure", "arguments": shown}


def test_what_was_written_can_be_read() -> None:
    written = wire.response(Policy("azure", canonical(ARGUMENTS)), 0.05)
    assert canonical(wire.policy(written).arguments) == canonical(ARGUMENTS)


@pytest.mark.parametrize(
    "body", [a_body(name=None), a_body(name="x" * 257), a_body(arguments="x" * 1025), b"{}", b"[]"]
)
def test_what_is_no_policy_is_refused(body: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        wire.policy(body)
    assert caught.value.code == "InvalidPolicyContract"


def test_a_policy_that_is_refused_says_which_rule_it_breaks() -> None:
    with pytest.raises(PolicyRefused) as caught:
        canonical("--cb_explore_adf -f x")
    answer = errors.of(caught.value)
    assert (answer.status, answer.code) == (400, "InvalidPolicyConfiguration")
    assert answer.detail == ("OptionNotAllowed", "-f is not allowed in a learning policy.")
