"""A simulation in front of your eyes: two data sets as bandits, over HTTP, against the stack."""
