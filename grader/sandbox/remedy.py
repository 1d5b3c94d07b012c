"""What to do where bubblewrap does not start: one remedy for each cause.

bubblewrap's last line says what was refused, and seldom why. What the system allows is read beside
it. No remedy is `--privileged`, which takes all walls from a container.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_SYSCTL = Path("/proc/sys")
SECCOMP_CALLS = "clone, unshare, setns, mount, umount2, pivot_root"
"""What a filter of system calls must let through for bubblewrap."""
_FILTERED = (
    "A filter of system calls (seccomp) refuses it, as Docker's and Kubernetes' own do. Start the "
    f"container with a seccomp profile that allows {SECCOMP_CALLS}"
)


@dataclass(frozen=True)
class System:
    """What this system allows, as far as it tells; the defaults are those of a plain Debian."""

    root: bool = False
    """Whether this process is root, of the machine or of a container."""
    filtered: bool = False
    """Whether a filter of system calls (seccomp) is on this process, as in most containers."""
    in_chroot: bool = False
    clone_allowed: bool = True
    """Debian's `kernel.unprivileged_userns_clone`."""
    apparmor_restricts: bool = False
    """Ubuntu's `kernel.apparmor_restrict_unprivileged_userns`."""
    no_user_namespaces: bool = False
    """`user.max_user_namespaces` is 0."""


def look() -> System:
    """Ask this system; what it does not tell is taken for allowed."""
    status = _read(Path("/proc/self/status"))
    return System(
        root=os.geteuid() == 0,
        filtered=bool(re.search(r"^Seccomp:\s*2$", status, re.MULTILINE)),
        in_chroot=_in_chroot(_read(Path("/proc/self/mountinfo"))),
        clone_allowed=_read(_SYSCTL / "kernel/unprivileged_userns_clone").strip() != "0",
        apparmor_restricts=_read(_SYSCTL / "kernel/apparmor_restrict_unprivileged_userns").strip()
        == "1",
        no_user_namespaces=_read(_SYSCTL / "user/max_user_namespaces").strip() == "0",
    )


def remedy(line: str, system: System, program: str) -> str:
    """What an administrator can do, as a sentence; empty where that is not known.

    `line` is the last one that bubblewrap, which is `program`, has said; it may be empty.
    """
    if not line:
        return (
            "bubblewrap ended without a word, as it does in gVisor (runsc): grade in a container "
            "of another runtime, or on a machine of its own"
        )
    if not line.startswith("bwrap:"):
        return ""  # the program inside has said it
    if "mount proc" in line:
        return (
            "Parts of /proc are covered, as in most containers. Start the container with "
            "--security-opt unmask=ALL (podman), with --security-opt systempaths=unconfined and a "
            "seccomp profile that allows user namespaces (docker), or with procMount: Unmasked and "
            "hostUsers: false (Kubernetes)"
        )
    if "Unexpected capabilities" in line:
        return (
            "This process has capabilities that an ordinary user does not have. Add none, not even "
            "SYS_ADMIN: bubblewrap needs none; start the container with --cap-drop ALL"
        )
    if "make / slave" in line:
        return _no_mount(line, system)
    by_filter = system.filtered and "No permissions" in line  # AppArmor's refusal is another one
    if (
        system.apparmor_restricts
        and not by_filter
        and re.search(r"uid map|RTM_NEWADDR|namespace", line)
    ):
        return (
            "AppArmor allows namespaces to known programs only (Ubuntu 24.04). An administrator "
            "(of the host, if this is a container) can make bubblewrap one: write "
            f"'abi <abi/4.0>, include <tunables/global> profile "
            f"layers-bwrap {program} flags=(unconfined) {{ userns, }}' into "
            "/etc/apparmor.d/layers-bwrap, then: systemctl reload apparmor"
        )
    if "uid map" in line and system.root:
        return (
            "This root may not make namespaces (it lacks the capability SETFCAP). Run it as an "
            "ordinary user, in a container with --user 1000"
        )
    return _no_namespace(system) if "namespace" in line else ""


def _no_mount(line: str, system: System) -> str:
    """Why the first mount within the new namespace was refused: a security module has one answer
    for it, a filter another."""
    if "Permission denied" in line:
        return (
            "A security module forbids to mount, as it does in most containers. Start the "
            "container with --security-opt apparmor=unconfined (podman or docker, on Debian and "
            "Ubuntu), with --security-opt label=disable (where there is SELinux), or with "
            "appArmorProfile: Unconfined (Kubernetes)"
        )
    return _FILTERED if system.filtered else ""


def _no_namespace(system: System) -> str:
    """Why a user namespace was refused; the kernel's answer is the same for all but one."""
    if system.no_user_namespaces:
        return (
            "This system allows no user namespaces. An administrator can allow them: "
            "sysctl user.max_user_namespaces=10000"
        )
    if not system.clone_allowed:
        return (
            "This system allows user namespaces to root only. An administrator can allow them: "
            "sysctl kernel.unprivileged_userns_clone=1"
        )
    if system.in_chroot:
        return (
            "This is a chroot, and the kernel gives no user namespace to a process in one. Use "
            "systemd-nspawn or a container in its place"
        )
    if system.filtered:
        return _FILTERED
    return (
        "This system allows no more user namespaces, by a limit (sysctl user.max_user_namespaces) "
        "or by a security module; its log (dmesg) may say which"
    )


def _in_chroot(mountinfo: str) -> bool:
    """In a chroot that is a plain folder no mount is at its top. One that is itself a mount looks
    like any other system."""
    places = [fields[4] for row in mountinfo.splitlines() if len(fields := row.split()) > 4]
    return bool(places) and "/" not in places


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
