"""Cells that do what no cell should, named by what they do."""

LOOP_FOR_EVER = "while True: pass"
LOOP_DEAF_TO_SIGNALS = """
import signal
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True:
    try:
        while True: pass
    except BaseException: pass
"""
LOOP_IN_C = "sum(iter(int, 1))"
SLEEP_FOR_EVER = "import time; time.sleep(10_000)"

EXIT_AT_ONCE = "import os; os._exit(0)"
CRASH_IN_C = "import ctypes; ctypes.string_at(0)"
ABORT = "import os; os.abort()"
CLOSE_ALL_FILES = "import os; os.closerange(0, 256)"
SEND_JUNK = """
import os
for number in range(3, 64):
    try: os.write(number, b"\\xff" * 4096)
    except OSError: pass
"""
ANSWER_UNASKED = """
import json, os
frame = json.dumps({"body": {"id": "1", "reply": []}, "arrays": []}).encode()
for number in range(3, 64):
    try: os.write(number, len(frame).to_bytes(4, "big") + frame)
    except OSError: pass
"""
PROMISE_A_HUGE_ARRAY = """
import json, os
frame = json.dumps({"body": {"$array": 0}, "arrays": [["int8", [0] + [2**26] * 4]]}).encode()
for number in range(3, 64):
    try: os.write(number, len(frame).to_bytes(4, "big") + frame)
    except OSError: pass
"""
END_THE_PROCESS = {
    "exit at once": EXIT_AT_ONCE,
    "crash in C": CRASH_IN_C,
    "abort": ABORT,
    "close all files": CLOSE_ALL_FILES,
    "send junk": SEND_JUNK,
    "answer unasked": ANSWER_UNASKED,
    "promise a huge array": PROMISE_A_HUGE_ARRAY,
}
TAKE_FOR_EVER = {
    "loop for ever": LOOP_FOR_EVER,
    "loop deaf to signals": LOOP_DEAF_TO_SIGNALS,
    "loop in C": LOOP_IN_C,
    "sleep for ever": SLEEP_FOR_EVER,
}

RAISE = {
    "sys.exit": ("import sys; sys.exit(3)", "SystemExit"),
    "an interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "input": ("input('your name? ')", "EOFError"),
    "a syntax error": ("def f(:", "SyntaxError"),
    "a huge array": ("import numpy; numpy.ones(2**31)", "MemoryError"),
    "a huge string": ("'x' * 2**32", "MemoryError"),
}
"""Cells that end with an exception, and its type. The process lives on."""

CANNOT_BE_SHOWN = {
    "its text raises": """
class Mute(Exception):
    def __str__(self): raise ValueError
    __repr__ = __str__
raise Mute
""",
    "its rendering raises": """
class Faceless(Exception):
    def _render_traceback_(self): raise ValueError
raise Faceless
""",
    "its rendering is no text": """
class Faceless(Exception):
    def _render_traceback_(self): return 3
raise Faceless
""",
    "there is no memory left to show it": """
keep = []
try:
    while True: keep.append(b"x" * (1 << 20))
except MemoryError: pass
while True: keep.append(object())
""",
}
"""Cells that end with an exception which is hard to show."""
RECURSE = "def f(): return f()\nf()"

MEDDLE = {
    "replace stdout": "import sys; sys.stdout = sys.stderr = None",
    "close stdout": "import os, sys; sys.stdout.close(); os.close(1)",
    "leave the folder": "import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')",
    "leave a thread that loops": """
import threading
def loop():
    while True: pass
threading.Thread(target=loop, daemon=True).start()
""",
    "replace the name of a builtin": "import builtins; del builtins.input; list = dict = None",
    "change the environment": "import os; os.environ.clear()",
    "turn off Keras eager mode": "import tensorflow as tf; tf.config.run_functions_eagerly(False)",
}
"""Cells after which the next ones must still run."""

FLOOD = "for number in range(200_000): print('line', number)"
FLOOD_WITHOUT_NEWLINE = "print('x' * 5_000_000)"
FLOOD_WITH_DISPLAYS = "for number in range(5000): display(number)"
FLOOD_WITH_AN_EXCEPTION = "raise ValueError('x' * 5_000_000)"
FLOODS = {
    "many lines": FLOOD,
    "one line": FLOOD_WITHOUT_NEWLINE,
    "displays": FLOOD_WITH_DISPLAYS,
    "an exception": FLOOD_WITH_AN_EXCEPTION,
}

DIE_OF_MEMORY = """
import tensorflow as tf
keep = []
try:
    while True: keep.append(b"x" * (1 << 20))
except MemoryError: pass
del keep[-4:]
tf.constant(1)
"""
"""Python can bear it that there is no memory. TensorFlow, with its first operation, starts threads,
and ends the process where there is no room for their stacks: 8 MiB for each, and 4 are left."""
SHARE_ALL_MEMORY = """
import mmap
shared = mmap.mmap(-1, 3 << 29)
for start in range(0, len(shared), 1 << 22):
    shared[start:start + (1 << 22)] = b"x" * (1 << 22)
"""
"""Memory that no limit on private data counts."""
HIDE_MEMORY_IN_FILES = """
import os
files = [os.memfd_create("hidden") for _ in range(200)]
for file in files:
    os.write(file, b"x" * (1 << 23))
"""
MAP = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype, libc.mmap.argtypes = ctypes.c_long, [ctypes.c_long] * 6
def map_memory(size, may, flags):
    at = libc.mmap(0, size, may, flags, -1, 0)
    if at == -1: raise MemoryError(ctypes.get_errno())
    return at
"""
CALL_IT_A_STACK = MAP + "map_memory(1 << 20, 3, 0x122)"
"""MAP_GROWSDOWN: no limit on data counts it."""
FILL_PAGE_TABLES = (
    MAP
    + """
at = map_memory(1 << 40, 1, 0x4022)
for page in range(at, at + (1 << 40), 1 << 21): ctypes.c_char.from_address(page).value
"""
)
"""What may only be read is no data; but the kernel notes where each page lies, in 2 GiB."""

LAYER_THAT_LOOPS = """
import keras
class Loops(keras.layers.Layer):
    def call(self, inputs):
        while True: pass
"""
LAYER_THAT_EXITS = """
import os
import keras
class Exits(keras.layers.Layer):
    def call(self, inputs):
        os._exit(0)
"""
