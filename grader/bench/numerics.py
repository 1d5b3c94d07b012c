"""How TensorFlow computes, wherever layers are judged: in a notebook and when they are graded."""

from __future__ import annotations

from typing import Any

TENSORFLOW = {
    # nbgrader gives zero to a test cell with any output on stderr, and TensorFlow logs there at its
    # first operation on a machine without a GPU.
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # oneDNN adds in another order on another processor, and rounds otherwise: results are to be the
    # same on all machines. It also looks through all kernels for each operation of each new graph,
    # which takes a third of the time of a process's first operations.
    "TF_ENABLE_ONEDNN_OPTS": "0",
    # Products are oneDNN's all the same. For AVX-512 it writes so much code that the first product
    # of each process takes three times as long, and later ones are hardly faster.
    "ONEDNN_MAX_CPU_ISA": "AVX2",
}
"""Environment variables that must be set before TensorFlow is imported."""
GRADING = {
    **TENSORFLOW,
    # Its threads turn in circles while TensorFlow loads, and a fork loses them anyway.
    "OPENBLAS_NUM_THREADS": "1",
    # A GPU adds and multiplies in another way, and its memory would be shared by a whole class.
    "CUDA_VISIBLE_DEVICES": "",
}
"""Those of a process that grades, or runs what is graded, before NumPy is imported too."""
NUMPY: dict[str, Any] = {
    "precision": 8,
    "threshold": 1000,
    "edgeitems": 3,
    "linewidth": 75,
    "suppress": False,
    "nanstr": "nan",
    "infstr": "inf",
    "sign": "-",
    "formatter": None,
    "floatmode": "maxprec",
    "legacy": False,
}
"""How NumPy writes numbers where nobody has said otherwise: they stand in messages and on cards."""
