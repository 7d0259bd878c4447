"""Changing a loop's settings."""

from dataclasses import replace

import pytest

from personalizer.adapters.memory import MemoryLoops
from personalizer.domain.loop import Configuration, LoopState
from personalizer.errors import LoopNotFound, LostRace
from personalizer.usecases.configure import Configure
from tests.factories import NOW, a_head


@pytest.fixture
def loops() -> MemoryLoops:
    loops = MemoryLoops()
    loops.create("default", LoopState(Configuration(), b"secret", a_head()))
    return loops


def test_a_change_is_dated_and_kept(loops: MemoryLoops) -> None:
    configure = Configure(loops, lambda: NOW)
    done = configure("default", lambda old: replace(old, exploration=0.5))
    assert done.configuration == Configuration(exploration=0.5, edited_at=NOW)
    assert configure.current("default") == done.configuration


def test_what_changes_nothing_is_no_edit(loops: MemoryLoops) -> None:
    done = Configure(loops, lambda: NOW)("default", lambda old: old)
    assert done.configuration.edited_at == 0


def test_two_changes_at_once_both_count(loops: MemoryLoops) -> None:
    configure, interrupted = Configure(loops, lambda: NOW), list[object]()

    def change(old: Configuration) -> Configuration:
        if not interrupted:
            interrupted.append(configure("default", lambda o: replace(o, reward_wait_ms=5_000)))
        return replace(old, exploration=0.5)

    found = configure("default", change).configuration
    assert (found.exploration, found.reward_wait_ms) == (0.5, 5_000)


def test_only_other_costs_make_the_model_start_anew(loops: MemoryLoops) -> None:
    configure = Configure(loops, lambda: NOW)
    assert not configure("default", lambda old: replace(old, exploration=0.5)).starts_anew
    assert configure("default", lambda old: replace(old, cost_offset=0.0)).starts_anew


def test_the_head_stays_where_it_is(loops: MemoryLoops) -> None:
    Configure(loops, lambda: NOW)("default", lambda old: replace(old, exploration=0.5))
    assert loops.state("default").head == a_head()


def test_settings_that_always_change_meanwhile_are_given_up(loops: MemoryLoops) -> None:
    class Busy(MemoryLoops):
        def configure(self, loop: str, old: Configuration, new: Configuration) -> bool:
            return False

    busy = Busy()
    busy.create("default", loops.state("default"))
    with pytest.raises(LostRace):
        Configure(busy, lambda: NOW)("default", lambda old: replace(old, exploration=0.5))


def test_a_loop_that_nobody_made_is_not_found() -> None:
    with pytest.raises(LoopNotFound):
        Configure(MemoryLoops(), lambda: NOW)("default", lambda old: old)
