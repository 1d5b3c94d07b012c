"""The course's pictures: one file for each unit; `show` and `move` put them on the page."""

from grader.pictures.move import move
from grader.pictures.show import Picture, show
from grader.pictures.style import use_style

use_style()

__all__ = ["Picture", "move", "show"]
