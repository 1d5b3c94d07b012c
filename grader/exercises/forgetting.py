"""Layers whose config forgets an argument: all is right until the layer is made again from it."""

from __future__ import annotations

from typing import Any

from grader.exercises.exercise import Misconception


def not_in_config(base: type, *names: str) -> tuple[Misconception, ...]:
    """The wrong ideas of this layer that leave one of these arguments out, one idea for each."""
    return tuple(_forgetting(base, name) for name in names)


def _forgetting(base: Any, name: str) -> Misconception:
    class Forgets(base):
        def get_config(self) -> dict[str, Any]:
            config = super().get_config()
            del config[name]
            return dict(config)

    return Misconception(
        f"{name} not in config",
        f"Your get_config() forgets {name}.",
        "Which arguments does __init__ need to make the same layer again?",
        Forgets,
    )
