"""Who takes part: the product, Azure's default, other policies of Vowpal Wabbit, and peers."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.learning.contender import Contender
from benchmarks.learning.peers import ContextualBandits, Mabwiser, is_there
from benchmarks.learning.product import SETTINGS, Product
from benchmarks.learning.ridge import Ridge
from benchmarks.learning.skyline import Skyline
from benchmarks.requests import AZURE_POLICY
from personalizer.domain.replay import NO_REPLAY

PLAIN = replace(SETTINGS, replay=NO_REPLAY)
"""The product's settings, without replay."""
NEGATED = replace(PLAIN, cost_offset=0.0)
"""With costs from -1 to 0, as most of Vowpal Wabbit's explorers expect them."""
UNMIXED = replace(NEGATED, exploration=0.0)

_CROSSED = "--cb_explore_adf --cb_type mtr -q :i -q :j --cubic ::i"

PRODUCT = Product("product")
WITHOUT_REPLAY = Product("product without replay", PLAIN)
AZURE = Product("Azure's default", replace(NEGATED, exploration=0.2), AZURE_POLICY)
GREEDY = Product("greedy", NEGATED, _CROSSED)
PLAIN_VW: Sequence[Product] = (
    Product(
        "regcbopt",
        PLAIN,
        f"{_CROSSED} --regcbopt --mellowness 0.001 --cb_min_cost 0 --cb_max_cost 1",
    ),
    GREEDY,
    Product(
        "squarecb, elim",
        NEGATED,
        f"{_CROSSED} --squarecb --elim --mellowness 0.001 --cb_min_cost -1 --cb_max_cost 0",
    ),
    Product("synthcover", NEGATED, f"{_CROSSED} --synthcover"),
    Product("softmax 20, no floor", UNMIXED, f"{_CROSSED} --softmax --lambda 20"),
)
RIDGE = Ridge(0.25)
PEERS: Sequence[Contender] = (
    Mabwiser("LinUCB", 0.25),
    Mabwiser("LinTS", 0.1),
    *([ContextualBandits(0.25)] if is_there("contextualbandits") else []),
    RIDGE,
)
ALL: Sequence[Contender] = (PRODUCT, AZURE, *PLAIN_VW, *PEERS, Skyline())
