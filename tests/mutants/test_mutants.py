"""Mutants follow the code: what they change is still there, once."""

import ast

import pytest

from tests.mutants.every import MUTANTS
from tests.mutants.mutant import Mutant, planted


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_can_be_planted_and_read(mutant: Mutant) -> None:
    with planted(mutant) as folder:
        for edit in mutant.edits:
            ast.parse((folder / "personalizer" / edit.file).read_text())


def test_every_mutant_has_a_name_of_its_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
