"""What is told of the quality of records and files: reasons, accounts, measures, the scorecard."""
