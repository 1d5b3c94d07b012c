"""Exercises on basic layers: Dense, Activation, Embedding, Lambda, and a layer of one's own."""
