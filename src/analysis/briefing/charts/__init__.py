"""The charts of a briefing, drawn from its figures."""
