"""What a forked runner gives up before a student's first line runs. Linux only, nothing heavy.

Called in this order by `grader.sandbox.warm`, in the new process:

    leave_namespaces()   new user, mount, pid, ipc, network and uts namespaces
    (fork)               the child is process 1 of the new pid namespace: when it goes, all go
    keep_only(channel)   no open file but the standard three and the channel
    hide(scratch_bytes)  own /tmp and /dev/shm of limited size, an empty /proc, no terminals
    bound(limits)        memory, open files, file size, no core dumps
    renounce()           no capability, no new privileges, and only the calls in `system_calls`
"""

from __future__ import annotations

import ctypes
import itertools
import os
import platform
import resource
import signal
import struct

from grader.sandbox.system_calls import NEWER, allowed

_LIBC = ctypes.CDLL(None, use_errno=True)

_NAMESPACES = 0x10000000 | 0x00020000 | 0x20000000 | 0x08000000 | 0x40000000 | 0x04000000
"""CLONE_NEWUSER, NEWNS, NEWPID, NEWIPC, NEWNET, NEWUTS."""
_STUDENT = 1000
"""User and group that the student's code believes to be."""
_PROC_BYTES = 1 << 20
_MOST_FILES = 20_000
"""In each folder for scratch: an empty file takes memory too. To save a model takes a few dozen."""
_STACK = 8 << 20
_MOST_SIGNALS = 256
"""That wait to be taken: they are counted for all processes of a user, who could see it."""


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
    """Cover what may be written to or tells of others: /tmp, /dev/shm and /proc become our own, and
    there are no terminals, whose other end another runner could hold."""
    # Where the machine itself runs out of memory, the kernel ends this process before any other.
    _write("/proc/self/oom_score_adj", "1000")
    kept = {name: _read(f"/proc/{name}") for name in ("cpuinfo", "meminfo", "self/cmdline")}
    program = os.readlink("/proc/self/exe")
    private_recursive = 0x4000 | 0x40000  # MS_REC | MS_PRIVATE
    _call("mount /", _LIBC.mount(b"none", b"/", None, private_recursive, None))
    files, read_only = f"nr_inodes={_MOST_FILES}", 0x1  # MS_RDONLY
    for target, options, more in (
        ("/dev/shm", f"size={scratch_bytes},{files},mode=0700", 0),
        ("/tmp", f"size={scratch_bytes},{files},mode=0700", 0),
        ("/proc", f"size={_PROC_BYTES},{files},mode=0500", 0),
        ("/dev/pts", f"size={_PROC_BYTES},{files},mode=0500", read_only),
    ):
        flags = 0x2 | 0x4 | 0x8 | more  # MS_NOSUID | MS_NODEV | MS_NOEXEC
        done = _LIBC.mount(b"tmpfs", target.encode(), b"tmpfs", flags, options.encode())
        _call(f"mount {target}", done)
    # TensorFlow aborts at its first operation where it cannot find its own program in /proc.
    os.mkdir("/proc/self")
    os.symlink(program, "/proc/self/exe")
    for name, text in kept.items():
        with open(f"/proc/{name}", "wb") as file:
            file.write(text)
    os.chdir("/tmp")


def most_data(memory: int) -> int:
    """Bytes of data that a submission may have, so that it has so much for itself.

    TensorFlow starts threads for each core, and their stacks are data, though hardly any of them
    is ever used: on a machine with many cores they alone would be all that is allowed.
    """
    cores = max(os.cpu_count() or 1, len(os.sched_getaffinity(0)))
    return memory + _STACK * (2 * cores + 2)


def bound(memory: int, open_files: int, file_size: int) -> None:
    """Set limits on data memory and file size (bytes) and on open files."""
    for limit, most in (
        (resource.RLIMIT_DATA, most_data(memory)),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_SIGPENDING, _MOST_SIGNALS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write past the limit is an OSError instead


def renounce() -> None:
    """Drop every capability for good, and refuse all but the allowed system calls from here on."""
    for capability in range(64):
        if _LIBC.prctl(24, capability, 0, 0, 0) != 0:  # PR_CAPBSET_DROP, until there are no more
            break
    header = struct.pack("=Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _call("capset", _LIBC.capset(header, bytes(24)))
    _call("die with parent", _LIBC.prctl(1, signal.SIGKILL, 0, 0, 0))  # PR_SET_PDEATHSIG
    _call("no new privileges", _LIBC.prctl(38, 1, 0, 0, 0))  # PR_SET_NO_NEW_PRIVS
    _filter_calls()


_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_CLONE_THREAD = 0x00010000
_MMAP = {"x86_64": 9, "aarch64": 222}
# Memory that RLIMIT_DATA does not count:
_SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS
_GROWS_DOWN = 0x100  # MAP_GROWSDOWN
# Every submission reads the same files, and what one sets on them the others would see. A lock is
# granted and not set: a file of one's own (SQLite, HDF5) is used by this process only.
_FLOCK = {"x86_64": 73, "aarch64": 32}
_FCNTL = {"x86_64": 72, "aarch64": 25}
_GRANTED = ((6, 7), (37, 38))  # F_SETLK, F_SETLKW, and those of open files
_UNKNOWN = (
    *((5, 5), (36, 36)),  # F_GETLK, F_OFD_GETLK
    (1024, 1026),  # F_SETLEASE, F_GETLEASE, F_NOTIFY
    (1031, 1031),  # F_SETPIPE_SZ: what pipes hold is counted for all processes of a user
    (1035, 1038),  # hints on how a file will be written to
)
# A process that ends by a limit of its own would seem to be ended by the machine.
_PRLIMIT = {"x86_64": 302, "aarch64": 261}
_SOCKET = {"x86_64": 41, "aarch64": 198}
_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6: what else there is talks to the kernel itself
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000


def _filter_calls() -> None:
    """Install a seccomp filter, in the kernel's own small language (classic BPF)."""
    program = _program(platform.machine())
    code = ctypes.create_string_buffer(b"".join(program))
    # struct sock_fprog: length (16 bits, padded), pointer
    frame = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    _call("seccomp", _LIBC.prctl(22, 2, ctypes.create_string_buffer(frame), 0, 0))


_LOAD, _KEEP, _GIVE = 0x20, 0x54, 0x06
_EQUAL, _AT_LEAST, _MORE, _BITS = 0x15, 0x35, 0x25, 0x45
"""Jumps, by a comparison of what was loaded."""
_DONE, _EPERM, _ENOMEM, _ENOSYS, _EAFNOSUPPORT = (_REFUSE | code for code in (0, 1, 12, 38, 97))
_ARGUMENT = (16, 24, 32, 40)
"""Where the lower half of an argument lies, which is all that the kernel reads of these."""


def _line(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def _program(machine: str) -> list[bytes]:
    spans = allowed(machine)
    return [
        _line(_LOAD, 4),  # the architecture: another one has other numbers
        _line(_EQUAL, _AUDIT_ARCH[machine], 1, 0),
        _line(_GIVE, _KILL),
        _line(_LOAD, 0),  # the number of the call
        _line(_AT_LEAST, 0x40000000, 0, 1),  # the x32 numbers of x86_64
        _line(_GIVE, _EPERM),
        # its flags cannot be read here: libc falls back to clone
        *_on(_CLONE3, _line(_GIVE, _ENOSYS)),
        *_on(_CLONE[machine], *_threads_only()),
        *_on(_MMAP[machine], *_no_uncounted_memory()),
        *_on(_SOCKET[machine], *_known_families()),
        *_on(_FLOCK[machine], _line(_GIVE, _DONE)),
        *_on(_FCNTL[machine], *_no_word_to_others()),
        *_on(_PRLIMIT[machine], *_only_asked()),
        *itertools.chain(*(_within(low, high, _ALLOW) for low, high in spans)),
        # libc does without a newer call only where it is told that there is none
        _line(_AT_LEAST, NEWER, 0, 1),
        _line(_GIVE, _ENOSYS),
        _line(_GIVE, _EPERM),
    ]


def _on(number: int, *lines: bytes) -> list[bytes]:
    """The lines decide on the call of this number; they give an answer in any case."""
    return [_line(_EQUAL, number, 0, len(lines)), *lines]


def _threads_only() -> list[bytes]:
    return [
        _line(_LOAD, _ARGUMENT[0]),  # the flags of clone
        _line(_BITS, _CLONE_THREAD, 0, 1),
        _line(_GIVE, _ALLOW),
        _line(_GIVE, _EPERM),
    ]


def _no_uncounted_memory() -> list[bytes]:
    return [
        _line(_LOAD, _ARGUMENT[3]),  # the flags of mmap
        _line(_BITS, _GROWS_DOWN, 2, 0),
        _line(_KEEP, _SHARED_ANONYMOUS),
        _line(_EQUAL, _SHARED_ANONYMOUS, 0, 1),
        _line(_GIVE, _ENOMEM),
        _line(_GIVE, _ALLOW),
    ]


def _only_asked() -> list[bytes]:
    """prlimit with no new limit, which is how a process asks for one."""
    return [
        _line(_LOAD, _ARGUMENT[2]),  # the address of a new limit: its lower half, then its upper
        _line(_EQUAL, 0, 0, 2),
        _line(_LOAD, _ARGUMENT[2] + 4),
        _line(_EQUAL, 0, 1, 0),
        _line(_GIVE, _EPERM),
        _line(_GIVE, _ALLOW),
    ]


def _known_families() -> list[bytes]:
    return [
        _line(_LOAD, _ARGUMENT[0]),  # the family of the socket
        *(_line(_EQUAL, f, len(_FAMILIES) - i) for i, f in enumerate(_FAMILIES)),
        _line(_GIVE, _EAFNOSUPPORT),
        _line(_GIVE, _ALLOW),
    ]


def _no_word_to_others() -> list[bytes]:
    answers = ((_GRANTED, _DONE), (_UNKNOWN, _ENOSYS))
    return [
        _line(_LOAD, _ARGUMENT[1]),  # what fcntl is to do
        *(line for spans, answer in answers for span in spans for line in _within(*span, answer)),
        _line(_GIVE, _ALLOW),
    ]


def _within(low: int, high: int, answer: int) -> list[bytes]:
    return [_line(_AT_LEAST, low, 0, 2), _line(_MORE, high, 1, 0), _line(_GIVE, answer)]


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
