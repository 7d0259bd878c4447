"""`python -m benchmarks`: one line a figure, `name value goal`. The local stack must be up."""

from benchmarks import configured, hub, rank, served, trainer
from benchmarks.learning import apprentice, figures

PARTS = (rank, trainer, hub, served, configured, figures, apprentice)

for part in PARTS:
    for figure in part.figures():
        print(figure, flush=True)
