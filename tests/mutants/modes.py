"""Bugs in who decides, and in what is learned of it."""

from tests.mutants.mutant import Edit, Mutant

DECISION = "domain/decision.py"
RANK = "usecases/rank.py"
DSJSON = "dsjson.py"
CHAIN = "usecases/chain.py"
STEP = "usecases/training/step.py"
TRAINING = "usecases/training/__init__.py"

MUTANTS = [
    Mutant(
        "the answer tells what an apprentice chose",
        (
            Edit(
                DECISION, "if mode is LearningMode.ONLINE:", "if mode != LearningMode.LOGGING_ONLY:"
            ),
        ),
    ),
    Mutant(
        "a retry is answered in the loop's present mode",
        (
            Edit(
                RANK, "shown(decision, stored.learning_mode)", "shown(decision, made.learning_mode)"
            ),
        ),
    ),
    Mutant(
        "an apprentice's choice is logged in the request's order",
        (
            Edit(
                RANK,
                "if settings.learning_mode is LearningMode.LOGGING_ONLY:",
                "if settings.learning_mode is not LearningMode.ONLINE:",
            ),
        ),
    ),
    Mutant(
        "the model decides although it is to log only",
        (Edit(RANK, "if settings.learning_mode is LearningMode.LOGGING_ONLY:", "if False:"),),
    ),
    Mutant(
        "an apprentice learns to choose otherwise",
        (Edit(DSJSON, "float(decision.order[0] == 0)", "float(decision.order[0] != 0)"),),
    ),
    Mutant(
        "an apprentice learns from rewards",
        (Edit(DSJSON, "if joined.learning_mode is LearningMode.APPRENTICE:", "if False:"),),
    ),
    Mutant(
        "an apprentice's rewards are lost",
        (
            Edit(
                DSJSON,
                "original_cost=0.0 - earned,",
                "original_cost=0.0 - _taught(joined, decision),",
            ),
        ),
    ),
    Mutant(
        "what is only to be logged is learned",
        (
            Edit(
                DSJSON,
                "skipped=joined.learning_mode is LearningMode.LOGGING_ONLY,",
                "skipped=False,",
            ),
        ),
    ),
    Mutant(
        "what is only to be logged is learned when models are made again",
        (Edit("usecases/lessons.py", "if dsjson.skipped(line):", "if False:"),),
    ),
    Mutant(
        "what is only to be logged is dropped",
        (
            Edit(
                TRAINING,
                "                logged.append(line)\n",
                "                logged += [] if line.skipped else [line]\n",
            ),
        ),
    ),
    Mutant(
        "lines that were skipped do not count when models are made again",
        (
            Edit(
                CHAIN,
                "commit.relearned + commit.recalled)",
                "commit.relearned // 2 + commit.recalled)",
            ),
        ),
    ),
    Mutant(
        "each commit counts an apprentice's successes anew",
        (
            Edit(
                STEP, "step.logged), ledger.apprentice)", "step.logged), type(ledger.apprentice)())"
            ),
        ),
    ),
    Mutant(
        "each commit counts a model's health anew",
        (Edit(STEP, "health = ledger.last.health", "health = type(ledger.last.health)()"),),
    ),
    Mutant(
        "a new model boasts of what the one before it did",
        (Edit(STEP, "and step.grounds.base == ledger.last.model:", "and ledger.last.trained:"),),
    ),
]
