"""Every container and encoding an export comes in, opened into the same staged rows."""
