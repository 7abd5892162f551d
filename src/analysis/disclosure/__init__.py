"""What may leave: small counts and what gives them away are withheld, and what leaves is attacked first."""
