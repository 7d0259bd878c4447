"""Open Personalizer: Rank, Reward, and a policy that learns in between."""
