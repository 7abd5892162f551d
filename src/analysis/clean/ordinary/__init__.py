"""Ordinary typed values, read by query to what the readers of fields make of them one by one."""
