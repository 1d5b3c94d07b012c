"""The exercises of the course: one file for each layer, one line each here, in teaching order."""

import grader.backend  # noqa: F401  first: it loads Keras without TensorFlow's noise
from grader.exercise import Exercise
from grader.exercises.activation import activation, stack_params
from grader.exercises.add import add, residual_params
from grader.exercises.additive_attention import (
    additive_attention,
    additive_attention_params,
)
from grader.exercises.attention import attention, attention_shapes
from grader.exercises.average_pooling2d import average_pooling2d, window_counts
from grader.exercises.batch_normalization import (
    batch_normalization,
    batchnorm_params,
    moving_mean_after,
)
from grader.exercises.bidirectional import bidirectional, bidirectional_shape
from grader.exercises.bucketize import bucketize
from grader.exercises.concatenate import concatenate, concatenate_shape
from grader.exercises.conv1d import conv1d
from grader.exercises.conv2d import conv2d
from grader.exercises.conv2d_transpose import conv2d_transpose, transpose_shape
from grader.exercises.conv3d import conv3d
from grader.exercises.conv_lstm2d import conv_lstm2d, conv_lstm_params
from grader.exercises.conv_params import conv3d_params, conv_params
from grader.exercises.conv_shape import conv_length, conv_shape, same_padding
from grader.exercises.dense import dense, dense_params
from grader.exercises.dense_features import dense_features
from grader.exercises.depthwise_conv2d import depthwise_conv2d, depthwise_order
from grader.exercises.digit_network import digit_network
from grader.exercises.dropout import dropout, dropout_value
from grader.exercises.embedding import embedding, embedding_params
from grader.exercises.features_width import features_order, features_width
from grader.exercises.first_model import batch_shape, first_model
from grader.exercises.flatten import flatten, flatten_shape
from grader.exercises.global_avg_pool2d import global_avg_pool2d, head_params
from grader.exercises.global_max_pool2d import global_max_pool2d, global_shape
from grader.exercises.gru import gru
from grader.exercises.gru_cell import gru_cell, gru_cell_params
from grader.exercises.linear import built_after, linear
from grader.exercises.locally_connected2d import local_params, locally_connected2d
from grader.exercises.lstm import lstm
from grader.exercises.lstm_cell import lstm_cell, lstm_cell_params
from grader.exercises.max_pool2d import max_pool2d, pool_shape
from grader.exercises.maximum import maximum, maxout_params
from grader.exercises.memory_cell import memory_cell, memory_cell_shapes
from grader.exercises.minimum import minimum, minimum_shape
from grader.exercises.multi_head_attention import (
    multi_head_attention,
    multi_head_attention_params,
)
from grader.exercises.one_hot import one_hot
from grader.exercises.power import can_load, lasting_power, power_layer
from grader.exercises.receptive_field import receptive_field
from grader.exercises.reshape import reshape, reshape_shape
from grader.exercises.rnn import rnn, rnn_shape
from grader.exercises.separable_conv2d import separable_conv2d, separable_params
from grader.exercises.simple_rnn import recurrent_params, simple_rnn
from grader.exercises.simple_rnn_cell import simple_rnn_cell, simple_rnn_cell_params
from grader.exercises.slide import slide
from grader.exercises.spatial_dropout import spatial_dropout, spatial_mask_shape
from grader.exercises.subtract import subtract, twin_params
from grader.exercises.time_distributed import time_distributed, time_distributed_shape

ALL: tuple[Exercise, ...] = (
    # 00 your first layer
    batch_shape,
    first_model,
    power_layer,
    can_load,
    lasting_power,
    built_after,
    linear,
    # 01 first layers
    dense_params,
    dense,
    stack_params,
    activation,
    flatten_shape,
    flatten,
    reshape_shape,
    reshape,
    # 02 joining
    concatenate_shape,
    concatenate,
    residual_params,
    add,
    twin_params,
    subtract,
    maxout_params,
    maximum,
    minimum_shape,
    minimum,
    # 03 regularize and normalize
    dropout_value,
    dropout,
    spatial_mask_shape,
    spatial_dropout,
    batchnorm_params,
    moving_mean_after,
    batch_normalization,
    # 04 features
    bucketize,
    one_hot,
    features_width,
    features_order,
    dense_features,
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
    # 08 embedding and cells
    embedding_params,
    embedding,
    simple_rnn_cell_params,
    simple_rnn_cell,
    lstm_cell_params,
    lstm_cell,
    gru_cell_params,
    gru_cell,
    memory_cell_shapes,
    memory_cell,
    # 09 recurrent layers
    rnn_shape,
    rnn,
    recurrent_params,
    simple_rnn,
    lstm,
    gru,
    bidirectional_shape,
    bidirectional,
    time_distributed_shape,
    time_distributed,
    conv_lstm_params,
    conv_lstm2d,
    # 10 attention
    attention_shapes,
    attention,
    additive_attention_params,
    additive_attention,
    multi_head_attention_params,
    multi_head_attention,
)
