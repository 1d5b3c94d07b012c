"""The exercises of the course: one file for each layer, one line each here, in teaching order."""

import grader.backend  # noqa: F401  first: it loads Keras without TensorFlow's noise
from grader.exercise import Exercise
from grader.exercises.activation import activation, stack_params
from grader.exercises.conv1d import conv1d
from grader.exercises.conv2d import conv2d
from grader.exercises.conv3d import conv3d
from grader.exercises.conv_params import conv3d_params, conv_params
from grader.exercises.conv_shape import conv_length, conv_shape, same_padding
from grader.exercises.dense import dense, dense_params
from grader.exercises.flatten import flatten, flatten_shape
from grader.exercises.reshape import reshape, reshape_shape
from grader.exercises.slide import slide

ALL: tuple[Exercise, ...] = (
    # 01 first layers
    dense_params,
    dense,
    stack_params,
    activation,
    flatten_shape,
    flatten,
    reshape_shape,
    reshape,
    # 05 convolution
    slide,
    conv_length,
    same_padding,
    conv1d,
    conv_params,
    conv_shape,
    conv2d,
    conv3d_params,
    conv3d,
)
