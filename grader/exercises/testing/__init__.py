"""Tests that students write: a function is given a layer class, and says whether it is right."""
