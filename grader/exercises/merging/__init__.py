"""Exercises on layers that join several inputs."""
