"""How far the doses given have been entered, how late they come, and what it takes to catch up."""
