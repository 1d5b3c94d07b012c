"""What deploy/ ships is whole, and docs/ says the same. `tests/browser/test_hub.py` runs it."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import nbgrader
import pytest
import yaml
from traitlets.config import Config, Configurable, PyFileConfigLoader

from grader.gradebook.archive import _BESIDE

OF_THE_CLASS = ("submitted", "autograded", "feedback", "watched", "downloaded", *_BESIDE)
DEPLOY = Path(__file__).parents[2] / "deploy"
PAGE = (DEPLOY.parent / "docs" / "jupyterhub.md").read_text(encoding="utf-8")
MACHINE = (DEPLOY.parent / "docs" / "one-machine.md").read_text(encoding="utf-8")
CLASSES = {
    "Authenticator": "jupyterhub.auth",
    "ConfigurableHTTPProxy": "jupyterhub.proxy",
    "JupyterHub": "jupyterhub.app",
    "Spawner": "jupyterhub.spawner",
}


def hub_config(folder: Path, account: str = "") -> Config:
    """The hub's configuration, with this account for the course."""
    text = (DEPLOY / "jupyterhub_config.py").read_text()
    assert text.count('COURSE_ACCOUNT = ""') == 1
    text = text.replace('COURSE_ACCOUNT = ""', f"COURSE_ACCOUNT = {account!r}")
    (folder / "jupyterhub_config.py").write_text(text)
    return PyFileConfigLoader("jupyterhub_config.py", path=str(folder)).load_config()


@pytest.mark.parametrize("account", ["", "grader-layers"])
def test_the_hub_knows_every_setting(account: str, tmp_path: Path) -> None:
    config = hub_config(tmp_path, account)
    assert set(config) == set(CLASSES)
    for name, place in CLASSES.items():
        owner: type[Configurable] = getattr(importlib.import_module(place), name)
        assert set(config[name]) <= set(owner.class_trait_names(config=True)), name


def test_one_grader_needs_no_server_for_the_course(tmp_path: Path) -> None:
    config = hub_config(tmp_path)
    assert "services" not in config.JupyterHub
    assert "load_roles" not in config.JupyterHub
    assert config.Authenticator.allowed_users == {"instructor", "ada", "bob"}


def test_the_courses_server_is_for_graders_only(tmp_path: Path) -> None:
    config = hub_config(tmp_path, "grader-layers")
    [service] = config.JupyterHub.services
    assert service["user"] == "grader-layers"
    assert service["cwd"] == "/home/grader-layers/layer-by-layer"
    roles = {role["name"]: role for role in config.JupyterHub.load_roles}
    group = f"formgrade-{service['name']}"
    assert [who for who in roles[group] if who in ("users", "groups", "services")] == ["groups"]
    assert roles[group]["groups"] == [group]
    assert config.JupyterHub.load_groups[group]["users"] == ["instructor"]
    assert not {"inherit", "admin-ui", "access:services"} & set(roles["server"]["scopes"])


def test_students_run_an_environment_without_model_answers(tmp_path: Path) -> None:
    config = hub_config(tmp_path)
    [override] = config.Spawner.group_overrides.values()
    assert config.Spawner.cmd == ["/opt/layers/bin/jupyterhub-singleuser"]
    graders = override["spawner_override"]["cmd"]
    assert graders == ["/opt/layers-grading/.venv/bin/jupyterhub-singleuser"]
    assert override["groups"] == ["formgrade-layer-by-layer"]
    assert "sudo chmod 750 /opt/layers-grading" in MACHINE


def test_what_is_hidden_from_students_is_shown_to_instructors() -> None:
    hidden, shown = (
        json.loads((DEPLOY / "etc" / place / "page_config.json").read_text())["disabledExtensions"]
        for place in ("labconfig", "instructors/labconfig")
    )
    assert set(hidden.values()) == {True}
    assert shown == dict.fromkeys(hidden, False)
    static = Path(nbgrader.__file__).parent / "labextension" / "static"
    code = "".join(path.read_text(encoding="utf-8") for path in static.glob("*.js"))
    assert all(name in code for name in hidden), "nbgrader calls its extensions otherwise"
    assert "@jupyter/nbgrader:assignment-list" not in hidden


def test_everybodys_nbgrader() -> None:
    config = PyFileConfigLoader("nbgrader_config.py", path=str(DEPLOY / "etc")).load_config()
    assert config.CourseDirectory.course_id == "layer-by-layer"
    assert f"install -d -m 1777 {config.Exchange.root}" in MACHINE


def test_a_terminal_finds_the_graders_programs_first(tmp_path: Path) -> None:
    profile = (DEPLOY / "profile.sh").read_text().replace("/opt", str(tmp_path))
    places = [tmp_path / "layers/bin", tmp_path / "layers-grading/.venv/bin"]
    found = []
    for place in places:
        place.mkdir(parents=True)
        (place / "python").touch(mode=0o755)
        script = f"PATH=/bin\n{profile}\necho $PATH"
        done = subprocess.run(["/bin/sh", "-euc", script], capture_output=True, text=True)
        found.append(done.stdout.strip())
    assert found == [f"{places[0]}:/bin", f"{places[1]}:{places[0]}:/bin"]


def graders_pod() -> dict[str, Any]:
    """What KubeSpawner gets for a grader's pod, from the values for the chart."""
    values = yaml.safe_load((DEPLOY / "values.yaml").read_text())
    scope = {"c": Config()}
    exec(values["hub"]["extraConfig"]["graders.py"], scope)
    [graders] = scope["c"].KubeSpawner.group_overrides.values()
    assert graders["groups"] == list(values["hub"]["config"]["JupyterHub"]["load_groups"])
    pod: dict[str, Any] = graders["spawner_override"]
    return pod


def test_the_page_explains_every_right_of_the_graders_pod() -> None:
    pod = graders_pod()
    context = pod["container_security_context"]
    assert pod["extra_pod_config"] == {"hostUsers": False}
    assert "`hostUsers: false`" in PAGE
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert "`capabilities: drop: [ALL]` and `allowPrivilegeEscalation: false`" in PAGE
    assert context["procMount"] == "Unmasked"
    for name in ("procMount", "seccompProfile", "appArmorProfile"):
        value = context[name]["type"] if isinstance(context[name], dict) else context[name]
        assert f"`{name}: {value}`" in PAGE
    assert not context["allowPrivilegeEscalation"]
    assert "privileged" not in context


def test_the_graders_image_is_there_before_a_grader_starts() -> None:
    [image] = yaml.safe_load((DEPLOY / "values.yaml").read_text())["prePuller"][
        "extraImages"
    ].values()
    assert f"{image['name']}:{image['tag']}" == graders_pod()["image"]


def test_the_page_names_what_apparmor_needs() -> None:
    for words in ("apparmor=unconfined", "kernel.apparmor_restrict_unprivileged_userns=0"):
        assert words in PAGE


def test_memory_is_as_the_page_says() -> None:
    students = yaml.safe_load((DEPLOY / "values.yaml").read_text())["singleuser"]["memory"]
    assert students == {"guarantee": "1G", "limit": "2.5G"}
    assert "1 GiB guaranteed, 2.5 GiB as the limit" in PAGE
    assert graders_pod()["mem_guarantee"] == "3G"
    assert "For graders: 3 GiB and a core" in PAGE


def workers() -> dict[str, dict[str, Any]]:
    """The parts of deploy/workers.yaml, by kind and name."""
    parts = yaml.safe_load_all((DEPLOY / "workers.yaml").read_text())
    return {f"{part['kind']} {part['metadata']['name']}": part for part in parts}


def pod_of(part: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """A deployment's pod, its only container, and its labels."""
    template = part["spec"]["template"]
    [container] = template["spec"]["containers"]
    return template["spec"], container, template["metadata"]["labels"]


def test_the_clusters_worker_has_the_same_rights() -> None:
    pod, container, _ = pod_of(workers()["Deployment layers-worker"])
    assert container["securityContext"] == graders_pod()["container_security_context"]
    assert {"hostUsers": pod["hostUsers"]} == graders_pod()["extra_pod_config"]
    assert container["command"][-2:] == ["--nthreads", "1"]


def test_the_clusters_scheduler_has_no_right_more_than_others() -> None:
    pod, container, _ = pod_of(workers()["Deployment layers-scheduler"])
    context = container["securityContext"]
    assert "hostUsers" not in pod
    assert not {"procMount", "appArmorProfile", "privileged"} & set(context)
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}


def test_the_clusters_pods_find_each_other_and_nobody_else_does() -> None:
    parts = workers()
    pods = {name: pod_of(parts[f"Deployment {name}"]) for name in parts_named(parts, "Deployment")}
    service = parts["Service layers-scheduler"]
    [port] = service["spec"]["ports"]
    assert service["spec"]["selector"].items() <= pods["layers-scheduler"][2].items()
    assert str(port["port"]) in pods["layers-scheduler"][1]["command"]
    assert f"tcp://layers-scheduler:{port['port']}" in pods["layers-worker"][1]["command"]
    policy = parts["NetworkPolicy layers"]["spec"]
    allowed = policy["podSelector"]["matchLabels"]
    assert policy["ingress"] == [{"from": [{"podSelector": {"matchLabels": allowed}}]}]
    for name, (_, container, labels) in pods.items():
        assert allowed.items() <= labels.items()
        assert (
            parts[f"Deployment {name}"]["spec"]["selector"]["matchLabels"].items() <= labels.items()
        )
        assert container["image"] == graders_pod()["image"]


def parts_named(parts: dict[str, dict[str, Any]], kind: str) -> list[str]:
    return [part["metadata"]["name"] for part in parts.values() if part["kind"] == kind]


def test_the_page_on_clusters_names_what_is_in_the_file() -> None:
    page = (DEPLOY.parent / "docs" / "cluster.md").read_text(encoding="utf-8")
    deployments = parts_named(workers(), "Deployment")
    assert set(re.findall(r"deployment[ /](\S+)", page)) <= set(deployments)
    assert "`--nthreads 1`" in page
    assert "service/layers-scheduler" in page


def test_the_students_image_has_only_what_is_packed_for_students() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    grading, student = (part for part in re.split(r"^FROM ", text, flags=re.M)[1:])
    for stage in (grading, student):
        assert "useradd --create-home --uid 1000 --shell /bin/bash jovyan" in stage
        assert stage.rindex("USER jovyan") > stage.rindex("RUN")
        assert 'CMD ["jupyterhub-singleuser"]' in stage
    assert "grader pack --output /opt/students.zip" in grading
    assert re.findall(r"^COPY (.*)$", student, re.M) == ["deploy/etc/ /etc/jupyter/"]
    assert "from=grading,source=/opt/students.zip" in student
    versions = set(re.findall(r"^ARG JUPYTERHUB=(.*)$", text, re.M))
    assert len(versions) == 1
    assert f"{versions.pop()} in chart" in PAGE


def left_out(path: str) -> bool:
    """Whether .dockerignore keeps this file out of an image, by Docker's rules.

    A pattern counts from the top of the folder, a slash at its end counts for nothing, `*` stays
    within one folder and `**` does not, and a folder takes along what is in it.
    """
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    for line in (DEPLOY.parent / ".dockerignore").read_text().splitlines():
        pieces = re.findall(r"\*\*/|\*\*|\*|[^*]+", line.rstrip("/"))
        expression = "".join(signs.get(piece, re.escape(piece)) for piece in pieces)
        if not line.startswith("#") and re.fullmatch(f"{expression}(/.*)?", path):
            return True
    return False


@pytest.mark.parametrize("made", [*OF_THE_CLASS, ".git", ".venv", "demo"])
def test_nothing_of_people_gets_into_an_image(made: str) -> None:
    assert left_out(made.replace("*", "x"))
    assert left_out(made.replace("*", "x") + "/ada/a file")


def test_no_notebook_that_is_made_again_gets_into_an_image() -> None:
    assert left_out("solutions/01-first-layers/01-first-layers.ipynb")
    assert left_out("grader/__pycache__/cli.pyc")


@pytest.mark.parametrize(
    "needed",
    [
        *(
            "solutions/*.py",
            "data/*.npz",
            "data/README.md",
            "grader/**/*.py",
            "notebooks/**/*.ipynb",
        ),
        *("pyproject.toml", "requirements.txt", "nbgrader_config.py", "environment.yml"),
        *("README.md", "LICENSE", "grader/etc/**/*"),
    ],
)
def test_what_the_course_needs_gets_into_the_graders_image(needed: str) -> None:
    found = [path for path in DEPLOY.parent.glob(needed) if ".ipynb_checkpoints" not in path.parts]
    assert found
    for path in found:
        assert not left_out(path.relative_to(DEPLOY.parent).as_posix()), path


def test_what_the_images_copy_is_there() -> None:
    lines = re.findall(r"^COPY (.*)$", (DEPLOY / "Containerfile").read_text(), re.M)
    sources = {source for line in lines for source in line.split()[:-1]}
    assert sources == {".", "deploy/etc/", "deploy/etc/instructors/labconfig/"}
    for source in sources:
        place = DEPLOY.parent / source
        assert place.is_dir()
        inside = [path for path in place.rglob("*.json") if path.is_relative_to(DEPLOY)]
        assert any(not left_out(path.relative_to(DEPLOY.parent).as_posix()) for path in inside)


def test_the_pages_name_the_versions_that_are_tried() -> None:
    pinned = (DEPLOY.parent / "requirements-dev.txt").read_text()
    [hub] = re.findall(r"^jupyterhub==(\S+)", pinned, re.M)
    assert set(re.findall(r"jupyterhub==([\d.]+)", PAGE)) == {hub}
    [proxy] = re.findall(r"^PROXY := (\S+)", (DEPLOY.parent / "Makefile").read_text(), re.M)
    assert set(re.findall(r"configurable-http-proxy@[\d.]+", PAGE)) == {proxy}


def test_the_settings_that_the_page_names_are_there() -> None:
    text = (DEPLOY / "jupyterhub_config.py").read_text().partition("# ---")[0]
    for name in set(re.findall(r"`([A-Z]{4,}(?:_[A-Z]+)*)\b[^`]*`", PAGE)) - {"JUPYTERHUB"}:
        if name not in ("SYS_ADMIN", "HOME_MODE"):
            assert re.search(rf"^{name} = ", text, re.M), name


def test_no_image_and_no_page_asks_for_a_privileged_container() -> None:
    pages = [*DEPLOY.rglob("*"), *(DEPLOY.parent / "docs").glob("*.md")]
    for path in pages:
        if path.is_file() and path.suffix != ".png":
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"--privileged|privileged\W{1,3}\s*[Tt]rue", text), path


def test_the_service_for_ngshare_can_be_added(tmp_path: Path) -> None:
    [block] = re.findall(r"^```\n(c\.JupyterHub\.services.*?)^```$", PAGE, re.M | re.S)
    for account in ("", "grader-layers"):
        hub_config(tmp_path, account)
        file = tmp_path / "jupyterhub_config.py"
        file.write_text(file.read_text() + block)
        config = PyFileConfigLoader(file.name, path=str(tmp_path)).load_config()
        services = config.JupyterHub.services
        if not account:
            services = services.get_value([])
        service = importlib.import_module("jupyterhub.services.service").Service
        assert services[-1]["name"] == "ngshare"
        assert all(set(one) <= set(service.class_trait_names()) for one in services)
