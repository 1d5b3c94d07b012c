# The guard against the forbidden layer taken away.
# %% [expect] flatten=0
# %% [blank]
# %% [notice] the notebook replaced a part of the grader
# %% [notice] grader.guard
# %% flatten
import contextlib

import grader.guard
import grader.subject

grader.guard._functions = lambda name: ()
grader.subject.guarded = lambda names: contextlib.nullcontext()
grader.subject.watched = lambda names: contextlib.nullcontext(lambda: "")
grader.subject.refuse_copies = lambda layer, names: None


class Flatten(keras.layers.Flatten):
    pass
