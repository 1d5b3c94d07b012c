"""Exercises on pooling, and a network of the student's own layers."""
