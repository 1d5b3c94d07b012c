# Cheats the instructor's own asserts, and wants to show the hidden ones.
# %% [expect] own=2
# %% [blank]
# %% [notice] uses _getframe
# %% [notice] ran beside
# %% dense-params
import sys
import traceback


class Any(int):
    __eq__ = lambda self, other: True
    __hash__ = int.__hash__


def dense_params(features, units, use_bias=True):
    frame = sys._getframe(1)
    print("LEAK", In[-1] if "In" in globals() else "", frame.f_code.co_consts)
    globals().setdefault("TOLD", []).append((features, units, In[-1]))
    return Any(0)

# %% flatten-shape
print("LEAK", globals().get("TOLD"))
