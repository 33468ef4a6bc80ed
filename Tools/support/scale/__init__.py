"""Policies in very large numbers: how they are made, and what the service takes for them."""
