"""`python -m benchmarks`: one line a figure, `name value goal`. The local stack must be up."""

from benchmarks import hub, rank, served, trainer

for figures in (rank.figures, trainer.figures, hub.figures, served.figures):
    for figure in figures():
        print(figure, flush=True)
