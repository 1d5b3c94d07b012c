"""What a forked runner gives up before a student's first line runs. Linux only, no imports of ours.

Called in this order by `grader.sandbox.warm`, in the new process:

    leave_namespaces()   new user, mount, pid, ipc, network and uts namespaces
    (fork)               the child is process 1 of the new pid namespace: when it goes, all go
    keep_only(channel)   no open file but the standard three and the channel
    hide(scratch_bytes)  own /tmp and /dev/shm of limited size, an empty /proc
    bound(limits)        memory, open files, file size, no core dumps
    renounce()           no capability, no new privileges, and none of the calls in `_DENIED`
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct

_LIBC = ctypes.CDLL(None, use_errno=True)

_NAMESPACES = 0x10000000 | 0x00020000 | 0x20000000 | 0x08000000 | 0x40000000 | 0x04000000
"""CLONE_NEWUSER, NEWNS, NEWPID, NEWIPC, NEWNET, NEWUTS."""
_STUDENT = 1000
"""User and group that the student's code believes to be."""
_PROC_BYTES = 1 << 20


def leave_namespaces() -> None:
    """Enter new namespaces. The next fork makes process 1 of the new pid namespace."""
    uid, gid = os.geteuid(), os.getegid()
    _call("unshare", _LIBC.unshare(_NAMESPACES))
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{_STUDENT} {uid} 1")
    _write("/proc/self/gid_map", f"{_STUDENT} {gid} 1")


def keep_only(channel: int) -> None:
    """Close what the warm process has open for itself and for other runners."""
    os.closerange(3, channel)
    os.closerange(channel + 1, os.sysconf("SC_OPEN_MAX"))


def hide(scratch_bytes: int) -> None:
    """Cover what may be written to or tells of others: /tmp, /dev/shm and /proc become our own."""
    # Where the machine itself runs out of memory, the kernel ends this process before any other.
    _write("/proc/self/oom_score_adj", "1000")
    kept = {name: _read(f"/proc/{name}") for name in ("cpuinfo", "meminfo", "self/cmdline")}
    program = os.readlink("/proc/self/exe")
    private_recursive = 0x4000 | 0x40000  # MS_REC | MS_PRIVATE
    _call("mount /", _LIBC.mount(b"none", b"/", None, private_recursive, None))
    for target, options in (
        ("/dev/shm", f"size={scratch_bytes},mode=0700"),
        ("/tmp", f"size={scratch_bytes},mode=0700"),
        ("/proc", f"size={_PROC_BYTES},mode=0500"),
    ):
        no_suid_dev_exec = 0x2 | 0x4 | 0x8  # MS_NOSUID | MS_NODEV | MS_NOEXEC
        done = _LIBC.mount(b"tmpfs", target.encode(), b"tmpfs", no_suid_dev_exec, options.encode())
        _call(f"mount {target}", done)
    # TensorFlow aborts at its first operation where it cannot find its own program in /proc.
    os.mkdir("/proc/self")
    os.symlink(program, "/proc/self/exe")
    for name, text in kept.items():
        with open(f"/proc/{name}", "wb") as file:
            file.write(text)
    os.chdir("/tmp")


def bound(memory: int, open_files: int, file_size: int) -> None:
    """Set limits on data memory and file size (bytes) and on open files."""
    for limit, most in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write past the limit is an OSError instead


def renounce() -> None:
    """Drop every capability for good, and refuse the system calls in `_DENIED` from here on."""
    for capability in range(64):
        if _LIBC.prctl(24, capability, 0, 0, 0) != 0:  # PR_CAPBSET_DROP, until there are no more
            break
    header = struct.pack("=Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _call("capset", _LIBC.capset(header, bytes(24)))
    _call("die with parent", _LIBC.prctl(1, signal.SIGKILL, 0, 0, 0))  # PR_SET_PDEATHSIG
    _call("no new privileges", _LIBC.prctl(38, 1, 0, 0, 0))  # PR_SET_NO_NEW_PRIVS
    _filter_calls()


# Calls that fail with EPERM: a student's layer needs no other process, program, namespace, mount,
# debugger or kernel keyring, and no memory that its own limit does not count. Threads may be made:
# TensorFlow needs them.
_DENIED = {
    "x86_64": {
        "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "ptrace": 101,
        "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272,
        "setns": 308, "add_key": 248, "request_key": 249, "keyctl": 250, "bpf": 321,
        "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425,
        "process_vm_readv": 310, "process_vm_writev": 311, "open_by_handle_at": 304,
        "kexec_load": 246, "init_module": 175, "finit_module": 313, "open_tree": 428,
        "move_mount": 429, "fsopen": 430, "fsmount": 432, "pidfd_getfd": 438,
        "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "msgget": 68, "mq_open": 240,
    },
    "aarch64": {
        "execve": 221, "execveat": 281, "ptrace": 117, "mount": 40, "umount2": 39,
        "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268, "add_key": 217,
        "request_key": 218, "keyctl": 219, "bpf": 280, "perf_event_open": 241,
        "userfaultfd": 282, "io_uring_setup": 425, "process_vm_readv": 270,
        "process_vm_writev": 271, "open_by_handle_at": 265, "kexec_load": 104,
        "init_module": 105, "finit_module": 273, "open_tree": 428, "move_mount": 429,
        "fsopen": 430, "fsmount": 432, "pidfd_getfd": 438, "memfd_create": 279,
        "memfd_secret": 447, "shmget": 194, "msgget": 186, "mq_open": 180,
    },
}  # fmt: skip
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_CLONE_THREAD = 0x00010000
_MMAP = {"x86_64": 9, "aarch64": 222}
_SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS: memory that RLIMIT_DATA does not count
_SOCKET = {"x86_64": 41, "aarch64": 198}
_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6: what else there is talks to the kernel itself
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000


def _filter_calls() -> None:
    """Install a seccomp filter, in the kernel's own small language (classic BPF)."""
    machine = platform.machine()
    if machine not in _DENIED:
        raise OSError(f"no list of system calls for {machine}")
    program = _program(machine)
    code = ctypes.create_string_buffer(b"".join(program))
    # struct sock_fprog: length (16 bits, padded), pointer
    frame = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    _call("seccomp", _LIBC.prctl(22, 2, ctypes.create_string_buffer(frame), 0, 0))


def _program(machine: str) -> list[bytes]:
    load, keep, jump_equal, jump_greater, jump_bits, give = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06

    def line(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    eperm, enomem, enosys, family = _REFUSE | 1, _REFUSE | 12, _REFUSE | 38, _REFUSE | 97
    lines = [
        line(load, 4),  # the architecture: another one has other numbers
        line(jump_equal, _AUDIT_ARCH[machine], 1, 0),
        line(give, _KILL),
        line(load, 0),  # the number of the call
        line(jump_greater, 0x40000000, 0, 1),  # the x32 numbers of x86_64
        line(give, eperm),
        line(jump_equal, _CLONE3, 0, 1),  # its flags cannot be read here: libc falls back to clone
        line(give, enosys),
        line(jump_equal, _CLONE[machine], 0, 4),
        line(load, 16),  # the flags of clone
        line(jump_bits, _CLONE_THREAD, 0, 1),
        line(give, _ALLOW),
        line(give, eperm),
        line(jump_equal, _MMAP[machine], 0, 5),
        line(load, 40),  # the flags of mmap
        line(keep, _SHARED_ANONYMOUS),
        line(jump_equal, _SHARED_ANONYMOUS, 0, 1),
        line(give, enomem),
        line(give, _ALLOW),
        line(jump_equal, _SOCKET[machine], 0, len(_FAMILIES) + 3),
        line(load, 16),  # the family of the socket
        *(line(jump_equal, f, len(_FAMILIES) - i) for i, f in enumerate(_FAMILIES)),
        line(give, family),
        line(give, _ALLOW),
    ]
    for number in _DENIED[machine].values():
        lines += [line(jump_equal, number, 0, 1), line(give, eperm)]
    return [*lines, line(give, _ALLOW)]


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(_PROC_BYTES // 8)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _call(what: str, result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
