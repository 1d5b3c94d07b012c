"""Exercises on tables: columns to one dense tensor."""
