"""All of them."""

from tests.mutants import dynamodb, events, training

MUTANTS = [*events.MUTANTS, *training.MUTANTS, *dynamodb.MUTANTS]
