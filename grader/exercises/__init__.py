"""The exercises of the course: one file for each layer, one line each here, in teaching order."""

import grader.backend  # noqa: F401  first: it loads Keras without TensorFlow's noise
from grader.exercise import Exercise
from grader.exercises.activation import activation, stack_params
from grader.exercises.average_pooling2d import average_pooling2d, window_counts
from grader.exercises.conv2d_transpose import conv2d_transpose, transpose_shape
from grader.exercises.dense import dense, dense_params
from grader.exercises.depthwise_conv2d import depthwise_conv2d, depthwise_order
from grader.exercises.digit_network import digit_network
from grader.exercises.flatten import flatten, flatten_shape
from grader.exercises.global_avg_pool2d import global_avg_pool2d, head_params
from grader.exercises.global_max_pool2d import global_max_pool2d, global_shape
from grader.exercises.locally_connected2d import local_params, locally_connected2d
from grader.exercises.max_pool2d import max_pool2d, pool_shape
from grader.exercises.receptive_field import receptive_field
from grader.exercises.reshape import reshape, reshape_shape
from grader.exercises.separable_conv2d import separable_conv2d, separable_params

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
    # 06 the convolution family
    depthwise_order,
    depthwise_conv2d,
    separable_params,
    separable_conv2d,
    transpose_shape,
    conv2d_transpose,
    local_params,
    locally_connected2d,
    # 07 pooling
    pool_shape,
    max_pool2d,
    window_counts,
    average_pooling2d,
    receptive_field,
    global_shape,
    global_max_pool2d,
    head_params,
    global_avg_pool2d,
    digit_network,
)
