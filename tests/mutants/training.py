"""Bugs in what the trainer remembers, in what it commits and in how it comes by lost things."""

from tests.mutants.mutant import Edit, Mutant

DEDUPE = "domain/dedupe.py"
TRAINING = "usecases/training/__init__.py"
STEP = "usecases/training/step.py"
TEACHER = "usecases/training/teacher.py"
LEDGER = "usecases/training/ledger.py"
CHAIN = "usecases/chain.py"
LESSONS = "usecases/lessons.py"
MEMORY = "adapters/memory.py"
REDRIVE = "usecases/redrive.py"
POLICIES = "tests/learner/test_policies.py"
HASH = '__import__("hashlib").sha256'

MUTANTS = [
    Mutant(
        "dedupe by sequence number only",
        (
            Edit(
                DEDUPE,
                "known = mark in batch or mark in seen.get(delivery.segment, frozenset())",
                "known = False",
            ),
        ),
    ),
    Mutant(
        "no sequence number is remembered",
        (Edit(DEDUPE, "if known or _behind(delivery, positions) or", "if known or"),),
    ),
    Mutant(
        "one sequence number for all shards",
        (
            Edit(
                DEDUPE,
                "position = positions.get(delivery.shard)",
                "position = max(positions.values(), key=lambda p: p.sequence, default=None)",
            ),
        ),
    ),
    Mutant(
        "a high-water mark over a source that is not in order",
        (
            Edit(
                DEDUPE,
                "known = mark in batch or mark in seen.get(delivery.segment, frozenset())",
                "known = mark in batch or delivery.joined.final_at <= horizon",
            ),
            Edit(
                DEDUPE,
                "max(horizon, (newest - WINDOW_MS) // SEGMENT_MS * SEGMENT_MS)",
                "max(horizon, newest)",
            ),
        ),
    ),
    Mutant(
        "the dedupe window is forgotten",
        (Edit(STEP, "kept = dict(ledger.last.seen) if ledger.last else {}", "kept = {}"),),
    ),
    Mutant(
        "fingerprints are not committed with the model",
        (
            Edit(
                STEP,
                "seen=_seen(objects, ledger, step, commit_id, horizon),",
                "seen=ledger.last.seen if ledger.last else {},",
            ),
        ),
    ),
    Mutant(
        "the floor of the dedupe window is not enforced",
        (Edit(DEDUPE, "too_old = unproven and", "too_old = False and"),),
    ),
    Mutant(
        "a proof is believed for ever",
        (Edit(DEDUPE, " or delivery.joined.uid in since_proofs:", ":"),),
    ),
    Mutant(
        "the model is saved after the head has moved",
        (
            Edit(
                STEP,
                "model = objects.put(names.model(loop, head.epoch, generation, commit_id),"
                " step.model)",
                "model = ObjectRef(names.model(loop, head.epoch, generation, commit_id),"
                f" {HASH}(step.model).hexdigest())",
            ),
            Edit(
                STEP,
                "    return commit if counts else None\n",
                "    objects.put(commit.model.object.key, step.model)\n"
                "    return commit if counts else None\n",
            ),
        ),
    ),
    Mutant(
        "the commit is written after the head has moved",
        (
            Edit(
                STEP,
                "    ref = objects.put(key, msgspec.json.encode(commit))\n",
                "    data = msgspec.json.encode(commit)\n"
                f"    ref = ObjectRef(key, {HASH}(data).hexdigest())\n",
            ),
            Edit(
                STEP,
                "    return commit if counts else None\n",
                "    objects.put(key, data)\n    return commit if counts else None\n",
            ),
        ),
    ),
    Mutant(
        "the head moves without a comparison",
        (
            Edit(
                MEMORY,
                "if (state.head.epoch, state.head.generation) != (old.epoch, old.generation):",
                "if False:",
            ),
        ),
    ),
    Mutant(
        "the epoch is not compared",
        (
            Edit(
                MEMORY,
                "if (state.head.epoch, state.head.generation) != (old.epoch, old.generation):",
                "if state.head.generation != old.generation:",
            ),
        ),
    ),
    Mutant(
        "a model stays warm although its commit failed",
        (
            Edit(
                TEACHER,
                "        lesson = self._engine.learn(course.arguments, grounds.model, lines)\n",
                "        self._warm = getattr(self, '_warm', {})\n"
                "        model = self._warm.get(course, grounds.model)\n"
                "        lesson = self._engine.learn(course.arguments, model, lines)\n"
                "        self._warm[course] = lesson.model\n",
            ),
        ),
    ),
    Mutant(
        "quarantine raises instead of setting aside",
        (
            Edit(
                TRAINING,
                "        joined = delivery.joined\n        self._quarantine.put(",
                "        joined = delivery.joined\n        raise LostRace(reason)\n"
                "        self._quarantine.put(",
            ),
        ),
    ),
    Mutant(
        "what cannot be trained is dropped",
        (
            Edit(
                TRAINING,
                "        joined = delivery.joined\n        self._quarantine.put(",
                "        joined = delivery.joined\n        return\n        self._quarantine.put(",
            ),
        ),
    ),
    Mutant(
        "a fault of one loop is not told",
        (Edit(TRAINING, "        if faults:\n", "        if False:\n"),),
    ),
    Mutant(
        "another policy goes on with the old model",
        (
            Edit(
                LEDGER,
                "return last if policy.continues(last.arguments, arguments) else",
                "return last if last else",
            ),
        ),
    ),
    Mutant(
        "a lost model is made again at the newest pace",
        (Edit(CHAIN, "key=itemgetter(0)", "key=lambda _: newest_first[0][0]"),),
        tests=(f"{POLICIES}::test_a_model_that_goes_on_at_another_pace_can_be_made_again",),
    ),
    Mutant(
        "a model keeps the pace that it was made with",
        (Edit("adapters/vw/words.py", "for name in TUNED if", "for name in ('--l1', '--l2') if"),),
        tests=(f"{POLICIES}::test_another_pace_is_another_model",),
    ),
    Mutant(
        "a reset loop looks back",
        (Edit(LEDGER, "if commit.first_line < head.learn_from or", "if"),),
    ),
    Mutant(
        "a lost model's lines are not learned again",
        (
            Edit(
                CHAIN,
                "newest_first.append((commit.arguments, taught))",
                "newest_first.append((commit.arguments, []))",
            ),
        ),
    ),
    Mutant(
        "what comes back depends on where a lesson begins",
        (Edit(LESSONS, "replay.draws(position, self._oldest)", "replay.draws(position, first)"),),
    ),
    Mutant(
        "the lines before a lesson are not at hand",
        (Edit(LEDGER, "past = _past(objects, ledger, continued)", "past = list[bytes]()"),),
    ),
    Mutant(
        "a commit does not tell how far its draws reached",
        (Edit(STEP, "recalled=len(step.grounds.past),", ""),),
    ),
    Mutant(
        "a line that is refused keeps its place",
        (
            Edit(
                TEACHER,
                "            if not refused:\n",
                "            for at, reason in refused.items():\n"
                "                rejections[kept[at]] = reason\n"
                "            if True:\n",
            ),
        ),
    ),
    Mutant(
        "what is brought back has no proof",
        (Edit(REDRIVE, "replace(joined, absent_until=generation)", "joined"),),
    ),
    Mutant(
        "what is brought back is let go of before it is sent",
        (
            Edit(
                REDRIVE,
                "            try:\n                done += self._send(taken.record, proofs)\n",
                "            self._quarantine.forget(taken)\n"
                "            try:\n                done += self._send(taken.record, proofs)\n",
            ),
        ),
    ),
    Mutant(
        "dead letters are let go of before they are sent",
        (
            Edit(
                REDRIVE,
                "            for number, data in enumerate(found):\n",
                "            letters.forget(place)\n"
                "            for number, data in enumerate(found):\n",
            ),
        ),
    ),
    Mutant(
        "an old policy's model is rebuilt",
        (
            Edit(
                "usecases/rebuild.py",
                "arguments = ledger.arguments(widest_context=0)",
                "arguments = ledger.last.arguments",
            ),
        ),
    ),
]
