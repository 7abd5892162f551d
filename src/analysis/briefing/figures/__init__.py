"""Every figure of a unit, rounded and worded once: what the documents are made of."""
