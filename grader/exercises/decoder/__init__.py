"""Exercises on the decoder block: its feed-forward half, its embedding, its cache, and itself."""
