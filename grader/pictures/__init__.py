"""The course's pictures: one file for each unit, and `show`, which puts a figure on the page."""

from grader.pictures.show import Picture, show

__all__ = ["Picture", "show"]
