"""Exercises on positions: learned, sinusoidal and rotary."""
