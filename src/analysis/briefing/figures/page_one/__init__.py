"""What the first page holds beside its paragraph: caution, cards, needs, requests."""
