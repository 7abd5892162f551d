"""The sections of a briefing: results, what is wrong, what is to be done and asked for, annexes."""
