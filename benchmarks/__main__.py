"""`python -m benchmarks`: one line a figure, `name value goal`. The local stack must be up."""

from benchmarks import cold, configured, cost, health, hub, put_item, rank, served, stored, trainer
from benchmarks.diy import comparison
from benchmarks.evaluation import coverage, discovery, speed
from benchmarks.learning import apprentice, figures

PARTS = (
    rank,
    comparison,
    put_item,
    cold,
    stored,
    cost,
    trainer,
    hub,
    served,
    configured,
    figures,
    apprentice,
    health,
    coverage,
    discovery,
    speed,
)

for part in PARTS:
    for figure in part.figures():
        print(figure, flush=True)
