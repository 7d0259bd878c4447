"""All of them."""

from tests.mutants import dynamodb, events, modes, training

MUTANTS = [*events.MUTANTS, *training.MUTANTS, *modes.MUTANTS, *dynamodb.MUTANTS]
