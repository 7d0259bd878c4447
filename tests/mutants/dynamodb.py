"""Bugs in the conditions that DynamoDB is given: the simulation has its own store of events."""

from tests.mutants.mutant import Edit, Mutant

WRITES = "adapters/dynamodb/writes.py"
LOOPS = "adapters/dynamodb/loops.py"
EVENTS_TESTS = ("tests/contract/test_events.py", "tests/contract/test_dynamodb.py")
LOOPS_TESTS = ("tests/contract/test_loops.py",)

MUTANTS = [
    Mutant(
        "DynamoDB: expiry ignores the state",
        (
            Edit(
                WRITES,
                '"st = :pending AND exp <= :due AND uid = :uid"',
                '"(st = :pending OR st <> :pending) AND exp <= :due AND uid = :uid"',
            ),
        ),
        EVENTS_TESTS,
    ),
    Mutant(
        "DynamoDB: expiry ignores the deadline",
        (
            Edit(
                WRITES,
                '"st = :pending AND exp <= :due AND uid = :uid"',
                '"st = :pending AND (exp <= :due OR exp > :due) AND uid = :uid"',
            ),
        ),
        EVENTS_TESTS,
    ),
    Mutant(
        "DynamoDB: expiry ignores the uid",
        (
            Edit(
                WRITES,
                '"st = :pending AND exp <= :due AND uid = :uid"',
                '"st = :pending AND exp <= :due AND (uid = :uid OR uid <> :uid)"',
            ),
        ),
        EVENTS_TESTS,
    ),
    Mutant(
        "DynamoDB: a reward after the deadline counts",
        (
            Edit(
                WRITES,
                '"st IN (:inactive, :pending) AND exp > :now AND early = :true",',
                '"st IN (:inactive, :pending) AND early = :true",',
            ),
        ),
        EVENTS_TESTS,
    ),
    Mutant(
        "DynamoDB: a repeated reward counts twice",
        (
            Edit(
                WRITES,
                '" AND NOT contains(rk, :key) AND',
                '" AND (contains(rk, :key) OR NOT contains(rk, :key)) AND',
            ),
        ),
        EVENTS_TESTS,
    ),
    Mutant(
        "DynamoDB: a reward takes the place of those before it",
        (
            Edit(
                WRITES,
                "gv = list_append(if_not_exists(gv, :none), :given)",
                "gv = list_append(:none, :given)",
            ),
        ),
        EVENTS_TESTS,
    ),
    Mutant(
        "DynamoDB: a reward is kept where rewards are added up",
        (
            Edit(
                WRITES,
                "AND early = :false AND agg = :aggregation",
                "AND early = :false AND (agg = :aggregation OR agg <> :aggregation)",
            ),
        ),
        EVENTS_TESTS,
    ),
    Mutant(
        "DynamoDB: one reward more than an item holds",
        (Edit(WRITES, "size(rk) < :most", "size(rk) <= :most"),),
        EVENTS_TESTS,
    ),
    Mutant(
        "DynamoDB: activation after the deadline",
        (
            Edit(
                WRITES,
                '"st = :inactive AND exp > :now",',
                '"st = :inactive AND (exp > :now OR exp <= :now)",',
            ),
        ),
        EVENTS_TESTS,
    ),
    Mutant(
        "DynamoDB: a write does not see that others wrote",
        (
            Edit(
                WRITES,
                'return "n = :n AND exp = :exp",',
                'return "exp = :exp AND (n = :n OR n <> :n)",',
            ),
        ),
        EVENTS_TESTS,
    ),
    Mutant(
        "DynamoDB: the head moves without a comparison",
        (Edit(LOOPS, '"epoch = :epoch AND gen = :gen"', '"epoch >= :epoch OR gen >= :gen"'),),
        LOOPS_TESTS,
    ),
    Mutant(
        "DynamoDB: the epoch is not compared",
        (
            Edit(
                LOOPS,
                '"epoch = :epoch AND gen = :gen"',
                '"gen = :gen AND (epoch = :epoch OR epoch <> :epoch)"',
            ),
        ),
        LOOPS_TESTS,
    ),
    Mutant(
        "DynamoDB: our own write is not recognised",
        (Edit(LOOPS, 'found.get("cid") == {"S": new.commit_id}', "False"),),
        LOOPS_TESTS,
    ),
]
