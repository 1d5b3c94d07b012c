"""What a student's code cannot do, and what it must be able to do."""

import contextlib
import itertools
import json
import os
import platform
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.bench.numerics import GRADING
from grader.sandbox import confine, jail
from grader.sandbox.confine import STUDENT_PART
from grader.sandbox.session import Session
from grader.sandbox.start import Warm
from grader.sandbox.system_calls import NEWER, allowed

SECRET = "INSTRUCTORS_PASSWORD"
"""A variable that `conftest` sets before the warm process is started."""

PRELUDE = '''
import ctypes, json, os, socket, subprocess, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
kept = []

def outcome(do, *args):
    """What the call gives, or the name of what it raises."""
    try:
        return do(*args)
    except BaseException as error:
        return type(error).__name__

def calls(name, *args):
    """Whether the C function reports success."""
    return getattr(libc, name)(*args) == 0

def writes(path):
    """Whether a file can be made, or written to, at this path."""
    try:
        with open(path, "ab") as file: file.write(b"")
        return True
    except OSError:
        return False

def walk(top="/", deepest=4):
    """All folders but those of the system and of Python itself."""
    for folder, inside, files in os.walk(top):
        if folder in ("/usr", "/proc", sys.prefix, sys.base_prefix) or folder.count("/") > deepest:
            inside[:] = []
        yield folder, files
'''
Tell = Callable[[str], Any]
"""Runs an expression in the box and gives its value."""


def teller(session: Session) -> Tell:
    """The expressions see what `PRELUDE` defines."""
    assert session.run(PRELUDE) == []

    def tell(expression: str) -> Any:
        [output] = session.run(f"print(json.dumps({expression}))")
        assert output["output_type"] == "stream", output
        return json.loads(output["text"])

    return tell


@pytest.fixture
def tell(session: Session) -> Tell:
    """Asks one submission."""
    return teller(session)


@pytest.fixture
def tell_other(warm: Warm) -> Iterator[Tell]:
    """Asks another submission that runs at the same time."""
    with Session(warm.start, warm.limits) as opened:
        yield teller(opened)


# What is there to see


def test_of_this_package_only_the_students_part_is_there(tell: Tell, root: Path) -> None:
    there = set(tell("os.listdir(os.path.dirname(sys.modules['grader'].__file__))"))
    assert there - {"__pycache__"} == set(STUDENT_PART)
    known = {"aspects", "examination", "exercises", "gradebook", "grading", "submissions"}
    assert known <= set(os.listdir(root / "grader"))
    assert not known & there


@pytest.mark.parametrize(
    "path",
    ["solutions", "tests", "notebooks", "nbgrader_config.py", "grader", "demo", ".git", "data"],
)
def test_nothing_else_of_the_project_is_there(tell: Tell, root: Path, path: str) -> None:
    assert not tell(f"os.path.lexists({str(root / path)!r})")


def test_no_file_with_a_telling_name_is_anywhere(tell: Tell, root: Path) -> None:
    names = [path.name for path in (root / "solutions").glob("*.py")]
    names += ["gradebook.db", "gradebook.seeds.json", "nbgrader_config.py", "examine.py"]
    found = f"[top + '/' + f for top, files in walk(deepest=9) for f in files if f in {names!r}]"
    assert tell(found) == []


def test_no_file_of_the_instructors(tell: Tell, tmp_path: Path) -> None:
    secret = tmp_path / "gradebook.db"
    secret.write_text("points")
    assert not tell(f"os.path.lexists({str(secret)!r})")


def test_no_home_folder(tell: Tell) -> None:
    prefixes = [Path(sys.prefix), Path(sys.base_prefix)]
    paths = [
        str(path)
        for home in (Path.home(), Path("/home"), Path("/root"))
        if home.is_dir() and os.access(home, os.R_OK)
        for path in home.iterdir()
        if not any(prefix.is_relative_to(path) for prefix in prefixes)
    ]
    assert tell(f"[path for path in {paths!r} if os.path.lexists(path)]") == []


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/etc/shadow", "/etc/hostname", "/var", "/run", "/sys", "/boot", "/mnt"]
)
def test_nothing_of_the_system_but_programs_and_libraries(tell: Tell, path: str) -> None:
    assert not tell(f"os.path.lexists({path!r})")


@pytest.mark.parametrize(
    "path",
    ["/usr/local/share/nbgrader", "/usr/local/etc", "/usr/etc", f"{sys.base_prefix}/etc",
     f"{sys.prefix}/etc", "/course/environment/etc"],
)  # fmt: skip
def test_no_exchange_and_no_configuration(tell: Tell, path: str) -> None:
    assert tell(f"outcome(os.listdir, {path!r})") in ([], "FileNotFoundError")


def test_what_is_covered_is_covered_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    exchange, environment = tmp_path / "python/share/nbgrader", tmp_path / "python/environment"
    for folder in exchange, environment / "etc", tmp_path / "elsewhere":
        folder.mkdir(parents=True)
    (tmp_path / "python/etc").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setattr(confine, "_COVERED", (str(exchange), str(tmp_path / "elsewhere")))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "python"))
    monkeypatch.setattr(sys, "prefix", str(environment))
    covered = confine._covered()
    assert set(covered) >= {str(exchange), str(environment / "etc"), "/course/environment/etc"}
    assert not any("elsewhere" in path or path == f"{tmp_path}/python/etc" for path in covered)


def test_no_variable_of_the_instructors(tell: Tell) -> None:
    assert SECRET in os.environ  # the warm process was started with it
    assert SECRET not in tell("dict(os.environ)")
    libc = f"(setattr(libc.getenv, 'restype', ctypes.c_char_p), libc.getenv(b'{SECRET}'))[1]"
    assert tell(f"{libc} is None")
    for path in "/proc/self/environ", "/proc/1/environ":
        assert tell(f"outcome(open, {path!r})") == "FileNotFoundError"


def test_numbers_are_computed_as_on_any_machine(tell: Tell) -> None:
    there = tell("dict(os.environ)")
    assert GRADING.items() <= there.items()


def test_no_process_of_others(tell: Tell) -> None:
    numbers = "[name for name in os.listdir('/proc') if name.isdigit()]"
    assert tell(numbers) in ([], ["1"])
    assert tell("os.getpid()") == 1
    assert tell("[pid for pid in range(2, 40_000) if not outcome(os.kill, pid, 0)]") == []


def test_the_trusted_parts_cannot_be_imported(tell: Tell) -> None:
    for name in "examine", "exercises", "catalogue", "attempt", "diagnose", "pipeline":
        assert tell(f"outcome(__import__, 'grader.{name}')") == "ModuleNotFoundError"


def test_no_open_file_but_the_channel(tell: Tell, tell_other: Tell) -> None:
    """An inherited descriptor is a way out, or a way to another submission."""
    kinds = (
        "[stat.S_IFMT(os.fstat(n).st_mode) for n in range(256) "
        "if not isinstance(outcome(os.fstat, n), str)]"
    )
    for told in tell, tell_other:
        found = told(f"[(stat := __import__('stat')), {kinds}][1]")
        assert found.count(0o010000) == 0  # pipes
        assert found.count(0o140000) <= 2  # sockets: the channel, and its copy for writing
        assert found.count(0o100000) == found.count(0o040000) == 0  # files and folders


# The network


def test_no_way_to_a_listener_of_this_machine(tell: Tell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        socket.create_connection(address, timeout=5).close()
        assert tell(f"outcome(socket.create_connection, {address!r}, 2)") in (
            "OSError",
            "PermissionError",
            "ConnectionRefusedError",
        )


def test_no_way_to_a_unix_socket_of_this_machine(tell: Tell, tmp_path: Path) -> None:
    for address in str(tmp_path / "socket"), f"\0layer-by-layer-{os.getpid()}":
        with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
            server.bind(address)
            server.listen()
            client.connect(address)
            attempt = f"outcome(socket.socket(socket.AF_UNIX).connect, {address!r})"
            assert tell(attempt) in ("FileNotFoundError", "ConnectionRefusedError")


def test_no_network_interface_but_a_dead_one(tell: Tell) -> None:
    names = tell("outcome(lambda: [name for _, name in socket.if_nameindex()])")
    assert names in ([], ["lo"], "OSError")
    assert tell("outcome(socket.getaddrinfo, 'example.org', 80)") == "gaierror"


FAMILIES = {"NETLINK": 16, "PACKET": 17, "CAN": 29, "BLUETOOTH": 31, "ALG": 38, "VSOCK": 40}
"""By Linux's numbers: not every Python knows all the names."""


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
def test_no_socket_that_reaches_past_the_network_namespace(tell: Tell, family: int) -> None:
    assert tell(f"outcome(socket.socket, {family}, socket.SOCK_RAW)") in (
        "OSError",
        "PermissionError",
    )


# Processes


@pytest.mark.parametrize(
    "start",
    [
        "subprocess.run, ['/usr/bin/true']",
        "subprocess.check_output, 'true', shell=True",
        "os.posix_spawn, sys.executable, [sys.executable], {}",
        "os.execv, sys.executable, [sys.executable]",
        "os.fork",
        "os.forkpty",
        "__import__('pty').spawn, '/bin/sh'",
    ],
)
def test_no_program_and_no_process_is_started(tell: Tell, start: str) -> None:
    do, *args = start.split(", ", 1)
    assert tell(f"outcome(lambda: {do}({', '.join(args)}))") in (
        "PermissionError",
        "FileNotFoundError",  # there is no terminal either
        "OSError",
    )
    assert tell("1 + 1") == 2


@pytest.mark.parametrize("call", ["libc.fork()", "libc.vfork()", "libc.syscall(57)"])
def test_no_process_is_started_in_c(tell: Tell, call: str) -> None:
    assert tell(call) == -1


def test_os_system_does_nothing(tell: Tell) -> None:
    assert tell("os.system('echo > /tmp/made')") != 0
    assert not tell("os.path.exists('/tmp/made')")


def test_no_process_pool(session: Session) -> None:
    outputs = session.run("import multiprocessing\nmultiprocessing.get_context('fork').Pool(1)")
    assert outputs[-1]["ename"] in ("PermissionError", "OSError")


# Files


def test_nothing_can_be_written_but_scratch(tell: Tell) -> None:
    written = tell("[top for top, _ in walk() if writes(top + '/planted')]")
    own = ("/tmp", "/dev/shm", "/proc")
    assert [top for top in written if not top.startswith(own)] == []


def test_no_library_can_be_changed(tell: Tell) -> None:
    modules = "('keras', 'numpy', 'grader', 'grader.bench.subject', 'os')"
    assert not any(tell(f"[writes(__import__('importlib').import_module(m).__file__) "
                        f"for m in {modules}]"))  # fmt: skip
    for folder in Path(sys.prefix, "bin"), Path("/usr/bin"), Path(sys.base_prefix, "lib"):
        assert not tell(f"writes({str(folder / 'planted')!r})")


@pytest.mark.parametrize("folder", ["/", "/course", "/course/grader", "/dev", "/tmp", "/dev/shm"])
def test_no_file_reaches_another_submission(
    tell: Tell, tell_other: Tell, warm: Warm, folder: str
) -> None:
    """Above all no module: /course stands first on the path of every submission."""
    name = f"{folder.rstrip('/')}/planted_module.py"
    tell(f"outcome(lambda: open({name!r}, 'w').write('x = 1'))")
    assert not tell_other(f"os.path.lexists({name!r})")
    with Session(warm.start, warm.limits) as later:
        told = teller(later)(f"os.path.lexists({name!r})")
    with contextlib.suppress(AssertionError):
        tell(f"outcome(os.unlink, {name!r})")  # the next tests use the same box
    assert not told


READ = (
    "(file := open(os.__file__), kept.append(file), "
    "struct := __import__('struct'), fcntl := __import__('fcntl'))"
)
"""A file that all submissions have in common."""


def test_no_terminal(tell: Tell) -> None:
    """Its other end could be another submission's."""
    assert tell("[os.listdir('/dev/pts'), os.path.exists('/dev/ptmx')]") == [[], False]
    assert tell("outcome(os.openpty)") in ("FileNotFoundError", "OSError")
    assert not tell("writes('/dev/pts/planted')")


@pytest.mark.parametrize("set_", ["flock(file, 6)", "lockf(file, 6)", "fcntl(file, 38, lock)"])
def test_no_lock_is_seen_by_another_submission(tell: Tell, tell_other: Tell, set_: str) -> None:
    """LOCK_EX | LOCK_NB; and F_OFD_SETLKW, which would wait."""
    lock = "lock := struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0)"
    for told in tell, tell_other:
        assert told(f"outcome(lambda: ({READ}, {lock}, fcntl.{set_}) and 'granted')") == "granted"


@pytest.mark.parametrize("number", [5, 36, 1024, 1025, 1026, 1031, 1036, (1 << 32) + 1025])
def test_no_file_tells_of_another_submission(tell: Tell, number: int) -> None:
    """By a lock, a lease, a notice, a hint, or the size of a pipe. The kernel takes 32 bits."""
    call = f"libc.syscall({jail._FCNTL[platform.machine()]}, 0, ctypes.c_long({number}), 0)"
    assert tell(f"[{call}, ctypes.get_errno()]") == [-1, 38]


@pytest.mark.parametrize("call", ["inotify_init()", "inotify_init1(0)", "fanotify_init(0, 0)"])
def test_no_notice_of_what_others_open(tell: Tell, call: str) -> None:
    assert tell(f"[libc.{call}, ctypes.get_errno()]") == [-1, 1]


def test_no_count_of_signals_that_others_could_see(tell: Tell) -> None:
    assert tell("__import__('resource').getrlimit(11)") == [256, 256]  # RLIMIT_SIGPENDING


@pytest.mark.parametrize("machine", jail._AUDIT_ARCH)
def test_what_is_looked_at_more_closely_is_not_simply_let_in(machine: str) -> None:
    own = [jail._CLONE, jail._MMAP, jail._SOCKET, jail._FLOCK, jail._FCNTL, jail._PRLIMIT]
    spans = allowed(machine)
    for number in [*(numbers[machine] for numbers in own), jail._CLONE3]:
        assert not any(low <= number <= high for low, high in spans)
    assert all(high < low for (_, high), (low, _) in itertools.pairwise(spans))
    assert all(len(line) == 8 for line in jail._program(machine))


def test_no_call_is_let_in_that_is_not_on_the_list(tell: Tell) -> None:
    """Each number up to 600, with arguments that no kernel takes.

    Not 335 and 336 of x86_64 (uretprobe, uprobe): a kernel ends who calls them from elsewhere than
    its own trampoline, before any filter is asked.
    """
    spans = allowed(platform.machine())
    special = [jail._CLONE, jail._MMAP, jail._SOCKET, jail._FLOCK, jail._FCNTL, jail._PRLIMIT]
    known = {335, 336, *(numbers[platform.machine()] for numbers in special)}
    others = [n for n in range(600) if n not in known and not any(a <= n <= b for a, b in spans)]
    bad = "ctypes.c_long(-1)"
    ask = f"[(libc.syscall(n, {', '.join([bad] * 6)}), ctypes.get_errno()) for n in {others}]"
    answers = dict(zip(others, tell(ask), strict=True))
    assert len(answers) > 300
    wanted = {n: [-1, 38 if n >= NEWER else 1] for n in others}  # ENOSYS, EPERM
    assert answers == wanted


def test_files_are_limited_in_number(tell: Tell) -> None:
    make = "outcome(lambda: [open(f'{top}/{n}', 'w').close() for n in range(30_000)])"
    for top in "/tmp", "/dev/shm":
        assert tell(make.replace("{top}", top)) == "OSError"
        assert tell(f"len(os.listdir({top!r}))") < 20_000


def test_scratch_is_limited_in_all(tell: Tell, warm: Warm) -> None:
    write = "outcome(lambda: [open('/tmp/%d' % n, 'wb').write(bytes(1 << 20)) for n in range(20)])"
    assert tell(write) == "OSError"
    used = tell("sum(os.path.getsize('/tmp/' + name) for name in os.listdir('/tmp'))")
    assert used <= warm.limits.scratch


def test_a_single_file_is_limited(tell: Tell) -> None:
    assert tell("outcome(lambda: open('/dev/shm/f', 'wb').write(bytes(9 << 20)))") == "OSError"
    assert tell("1 + 1") == 2


def test_no_device_but_the_harmless(tell: Tell) -> None:
    harmless = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm", "fd"}
    harmless |= {"stdin", "stdout", "stderr", "core", "console"}
    assert set(tell("os.listdir('/dev')")) <= harmless
    assert not tell("calls('mknod', b'/tmp/kmem', 0o20666, (1 << 8) | 2)")


# Rights


def test_no_capability(tell: Tell) -> None:
    read = (
        "(lambda header, data: (libc.capget(header, data), list(data)))"
        "((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)())"
    )
    assert tell(read) == [0, [0] * 6]


def test_no_new_privileges_and_no_capability_to_come(tell: Tell) -> None:
    assert tell("libc.prctl(39, 0, 0, 0, 0)") == 1  # PR_GET_NO_NEW_PRIVS
    assert tell("[n for n in range(64) if libc.prctl(23, n, 0, 0, 0) == 1]") == []
    assert tell("libc.prctl(21, 0, 0, 0, 0)") == 2  # PR_GET_SECCOMP: a filter


@pytest.mark.parametrize(
    "call",
    [
        "'semget', 0, 1, 0o600",
        "'sched_setaffinity', 0, 8, (ctypes.c_uint64 * 1)(1)",
        "'setrlimit', 0, (ctypes.c_uint64 * 2)(1, 1)",
        "'prlimit64', 0, 0, (ctypes.c_uint64 * 2)(1, 1), None",
        "'prlimit64', 0, 0, (ctypes.c_uint64 * 2)(1, 1), (ctypes.c_uint64 * 2)()",
        "'unshare', 0x10000000",
        "'unshare', 0x00020000",
        "'setns', 0, 0",
        "'mount', b'none', b'/tmp', b'tmpfs', 0, None",
        "'umount2', b'/tmp', 2",
        "'umount2', b'/proc', 2",
        "'chroot', b'/tmp'",
        "'ptrace', 0, 0, 0, 0",
        "'setuid', 0",
        "'setgid', 0",
        "'setresuid', 0, 0, 0",
        "'sethostname', b'x', 1",
        "'reboot', 0",
        "'swapon', b'/tmp/x', 0",
    ],
)
def test_no_way_to_more_rights(tell: Tell, call: str) -> None:
    assert not tell(f"calls({call})")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86_64")
@pytest.mark.parametrize(
    "call",
    [
        "206, 1, (ctypes.c_uint64 * 1)(0)",  # io_setup
        "312, 1, 1, 0, 0, 1",  # kcmp
        "434, 1, 0",  # pidfd_open
        "444, None, 0, 1",  # landlock_create_ruleset, asked for its version
    ],
)
def test_no_call_that_no_layer_needs(tell: Tell, call: str) -> None:
    assert tell(f"libc.syscall({call})") == -1


def test_a_limit_may_be_asked_for(tell: Tell) -> None:
    assert tell("calls('prlimit64', 0, 7, None, (ctypes.c_uint64 * 2)())")
    assert tell("__import__('resource').getrlimit(7)[0]") > 0


@pytest.mark.parametrize("limit", ["RLIMIT_CPU", "RLIMIT_DATA", "RLIMIT_NOFILE"])
def test_no_limit_is_set(tell: Tell, limit: str) -> None:
    assert tell(f"outcome((r := __import__('resource')).setrlimit, r.{limit}, (1, 1))") in (
        "ValueError",
        "PermissionError",
    )


def test_not_the_instructors_user(tell: Tell) -> None:
    assert tell("[os.getuid(), os.geteuid(), os.getgid(), os.getegid()]") == [1000] * 4


# What must work


def run(session: Session, source: str) -> str:
    """The text that a cell shows, where it raises nothing."""
    outputs = session.run(source)
    assert [output for output in outputs if output["output_type"] == "error"] == []
    return "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs
    )


def test_the_imports_of_a_unit(session: Session) -> None:
    run(session, "from grader import check\nimport math, keras, numpy as np, tensorflow as tf")
    assert run(session, "check(keras.layers.Dense)") == ""
    assert run(session, "keras.__version__.split('.')[0]") == "'3'"


def test_the_data_of_the_course(session: Session) -> None:
    source = "from grader.data import load\nload('digits')['images'].shape"
    assert run(session, source) == "(1797, 8, 8)"


def test_a_picture(session: Session) -> None:
    run(
        session, "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2])"
    )
    run(session, "figure.savefig('picture.png')")
    assert int(run(session, "import os\nos.path.getsize('picture.png')")) > 1000
    run(session, "from grader.pictures import first_layers\nfirst_layers.draw_dense().show()")


def test_a_fit_and_a_saved_model(session: Session) -> None:
    run(session, "import keras, numpy as np\nx = np.random.rand(100, 4)\ny = x.sum(1)")
    run(session, "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])")
    run(session, "model.compile('adam', 'mse', jit_compile=False)\nmodel.fit(x, y, verbose=0)")
    run(session, "model.save('mine.keras')\nagain = keras.models.load_model('mine.keras')")
    assert run(session, "np.array_equal(again(x), model(x))") == "True"


def test_a_model_saved_in_every_form(session: Session) -> None:
    """HDF5 locks its files. What is locked here is nobody else's."""
    run(session, "import keras, numpy as np\nx = np.ones((2, 4), 'float32')")
    run(session, "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])")
    run(session, "model.save('mine.h5')\nmodel.save_weights('mine.weights.h5')")
    run(session, "again = keras.models.load_model('mine.h5', compile=False)")
    run(session, "again.load_weights('mine.weights.h5')")
    assert run(session, "np.array_equal(again(x), model(x))") == "True"
    run(session, "model.export('exported', verbose=False)")
    assert run(session, "len(__import__('os').listdir()) < 20") == "True"


def test_a_database_in_a_file(session: Session) -> None:
    run(session, "import sqlite3\nbase = sqlite3.connect('mine.db')")
    run(session, "with base: base.execute('create table a (b)')")
    run(session, "with base: base.execute('insert into a values (7)')")
    assert run(session, "sqlite3.connect('mine.db').execute('select b from a').fetchall()") == (
        "[(7,)]"
    )


def test_files_are_copied_and_piped(session: Session) -> None:
    run(session, "import fcntl, os\nread, write = os.pipe()\nother = os.dup(read)")
    assert run(session, "fcntl.fcntl(other, fcntl.F_DUPFD_CLOEXEC, 100)") == "100"
    assert run(session, "fcntl.fcntl(100, fcntl.F_GETFD)") == "1"


def test_threads(session: Session) -> None:
    run(session, "from concurrent.futures import ThreadPoolExecutor")
    assert run(session, "sum(ThreadPoolExecutor(4).map(abs, range(-9, 0)))") == "45"


def test_a_file_in_the_working_folder(session: Session) -> None:
    run(session, "with open('notes.txt', 'w') as file: file.write('kept')")
    assert run(session, "open('notes.txt').read()") == "'kept'"


def test_magics_of_every_day(session: Session) -> None:
    run(session, "%precision 3\n%time x = 1")
    assert "1 loop" in run(session, "%timeit -n1 -r1 x")
