"""Pictures of the links: one pair as a waterfall, the rows around one row, probabilities against the truth."""
