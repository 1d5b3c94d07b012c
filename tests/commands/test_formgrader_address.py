"""On a hub formgrader has a page of its own, whose address is told after grading."""

import pytest

from grader.commands.autograde import tell_next
from grader.commands.formgrader_address import formgrader_address

PREFIX = "JUPYTERHUB_SERVICE_PREFIX"


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, ""),
        ({PREFIX: "/user/ada/"}, "/user/ada/formgrader"),
        ({PREFIX: "/services/layer-by-layer/"}, "/services/layer-by-layer/formgrader"),
        (
            {PREFIX: "/user/ada/", "JUPYTERHUB_PUBLIC_URL": "https://hub.uni.example/user/ada/"},
            "https://hub.uni.example/user/ada/formgrader",
        ),
    ],
)
def test_its_own_address(environment: dict[str, str], address: str) -> None:
    assert formgrader_address(environment) == address


def test_it_is_told_on_a_hub_and_only_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(PREFIX, raising=False)
    tell_next("unit")
    assert "Formgrader" not in capsys.readouterr().out
    monkeypatch.setenv(PREFIX, "/user/instructor/")
    tell_next("unit")
    assert "Formgrader, in a tab of its own: /user/instructor/formgrader" in capsys.readouterr().out
