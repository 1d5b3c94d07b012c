"""The exercises of the course: one file for each layer, one line each here, in teaching order."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import grader.bench.backend  # noqa: F401  first: it loads Keras without TensorFlow's noise
from grader.exercises.attention.additive_attention import (
    additive_attention,
    additive_attention_params,
)
from grader.exercises.attention.attention import attention, attention_shapes
from grader.exercises.attention.group_query_attention import group_query_attention
from grader.exercises.attention.group_query_sizes import cache_bytes, group_query_params
from grader.exercises.attention.multi_head_attention import (
    multi_head_attention,
    multi_head_attention_params,
)
from grader.exercises.attention.softmax import softmax
from grader.exercises.convolution.conv1d import conv1d
from grader.exercises.convolution.conv2d import conv2d
from grader.exercises.convolution.conv2d_transpose import conv2d_transpose, transpose_shape
from grader.exercises.convolution.conv3d import conv3d
from grader.exercises.convolution.conv_params import conv3d_params, conv_params
from grader.exercises.convolution.conv_shape import conv_length, conv_shape, same_padding
from grader.exercises.convolution.depthwise_conv2d import depthwise_conv2d, depthwise_order
from grader.exercises.convolution.locally_connected2d import local_params, locally_connected2d
from grader.exercises.convolution.separable_conv2d import separable_conv2d, separable_params
from grader.exercises.convolution.slide import slide
from grader.exercises.core.activation import activation, stack_params
from grader.exercises.core.dense import dense, dense_params
from grader.exercises.core.embedding import embedding, embedding_params
from grader.exercises.core.first_model import batch_shape, first_model
from grader.exercises.core.linear import built_after, linear
from grader.exercises.core.power import can_load, lasting_power, power_layer
from grader.exercises.core.prelu import prelu
from grader.exercises.core.rescaling import kept_rescaling, rescaling
from grader.exercises.core.scale import scale
from grader.exercises.decoder.cached_attention import cached_attention, tokens_passed
from grader.exercises.decoder.decoder_block import decoder_block, decoder_params
from grader.exercises.decoder.reversible_embedding import reversible_embedding, tied_params
from grader.exercises.decoder.soft_cap import soft_cap
from grader.exercises.decoder.swiglu import swiglu, swiglu_params
from grader.exercises.exercise import Exercise
from grader.exercises.features.bucketize import bucketize
from grader.exercises.features.dense_features import dense_features
from grader.exercises.features.features_width import features_order, features_width
from grader.exercises.features.one_hot import one_hot
from grader.exercises.gradients.batchnorm_backward import batchnorm_backward
from grader.exercises.gradients.conv1d_backward import conv1d_backward
from grader.exercises.gradients.dense_backward import dense_backward
from grader.exercises.gradients.softmax_backward import softmax_backward
from grader.exercises.gradients.window_shares import window_shares
from grader.exercises.mend import mend
from grader.exercises.merging.add import add, residual_params
from grader.exercises.merging.concatenate import concatenate, concatenate_shape
from grader.exercises.merging.maximum import maximum, maxout_params
from grader.exercises.merging.minimum import minimum, minimum_shape
from grader.exercises.merging.subtract import subtract, twin_params
from grader.exercises.normalization.batch_normalization import (
    batch_normalization,
    batchnorm_params,
    moving_mean_after,
)
from grader.exercises.normalization.group_normalization import (
    group_normalization,
    group_statistics,
)
from grader.exercises.normalization.layer_normalization import (
    layer_normalization,
    layernorm_params,
)
from grader.exercises.normalization.normalization import normalization
from grader.exercises.normalization.pre_norm import pre_norm
from grader.exercises.normalization.rms_normalization import rms_length, rms_normalization
from grader.exercises.pooling.average_pooling2d import average_pooling2d, window_counts
from grader.exercises.pooling.digit_network import digit_network
from grader.exercises.pooling.global_avg_pool2d import global_avg_pool2d, head_params
from grader.exercises.pooling.global_max_pool2d import global_max_pool2d, global_shape
from grader.exercises.pooling.max_pool2d import max_pool2d, pool_shape
from grader.exercises.pooling.receptive_field import receptive_field
from grader.exercises.pooling.zero_padding2d import zero_padding2d
from grader.exercises.positions.position_embedding import (
    position_embedding,
    position_embedding_params,
)
from grader.exercises.positions.rotary_embedding import (
    rotary_embedding,
    rotary_partner,
    same_score,
)
from grader.exercises.positions.sine_position_encoding import (
    sine_position_encoding,
    sine_wavelength,
)
from grader.exercises.recurrent.bidirectional import bidirectional, bidirectional_shape
from grader.exercises.recurrent.conv_lstm2d import conv_lstm2d, conv_lstm_params
from grader.exercises.recurrent.gru import gru
from grader.exercises.recurrent.gru_cell import gru_cell, gru_cell_params
from grader.exercises.recurrent.lstm import lstm
from grader.exercises.recurrent.lstm_cell import lstm_cell, lstm_cell_params
from grader.exercises.recurrent.masking import masking
from grader.exercises.recurrent.memory_cell import memory_cell, memory_cell_shapes
from grader.exercises.recurrent.repeat_vector import repeat_vector
from grader.exercises.recurrent.rnn import rnn, rnn_shape
from grader.exercises.recurrent.simple_rnn import recurrent_params, simple_rnn
from grader.exercises.recurrent.simple_rnn_cell import simple_rnn_cell, simple_rnn_cell_params
from grader.exercises.recurrent.time_distributed import time_distributed, time_distributed_shape
from grader.exercises.regularization.dropout import dropout, dropout_value
from grader.exercises.regularization.spatial_dropout import spatial_dropout, spatial_mask_shape
from grader.exercises.reshaping.cropping1d import cropping1d
from grader.exercises.reshaping.flatten import flatten, flatten_shape
from grader.exercises.reshaping.reshape import reshape, reshape_shape
from grader.exercises.residual.inverted_residual import inverted_params, inverted_residual
from grader.exercises.residual.residual_block import block_params, residual_block
from grader.exercises.residual.squeeze_excitation import squeeze_excitation, squeeze_params
from grader.exercises.residual.up_sampling2d import bilinear_row, up_sampling2d
from grader.exercises.seeing.digit_reader import digit_reader
from grader.exercises.seeing.resnet import resnet
from grader.exercises.seeing.resnet_sizes import resnet_field, resnet_params
from grader.exercises.testing.judge_attention import attention_is_right
from grader.exercises.testing.judge_batchnorm import batchnorm_is_right
from grader.exercises.testing.judge_conv2d import conv2d_is_right
from grader.exercises.testing.judge_dense import dense_is_right
from grader.exercises.testing.judge_lstm_cell import lstm_cell_is_right
from grader.exercises.writing.decoder import decoder
from grader.exercises.writing.generate import generate
from grader.exercises.writing.name_writer import name_writer
from grader.exercises.writing.rotary_attention import rotary_attention
from grader.exercises.writing.sampling import temperature, top_k, top_p

ALL: tuple[Exercise, ...] = (
    # 00 your first layer
    batch_shape,
    first_model,
    power_layer,
    scale,
    mend(rescaling, "MendedRescaling", "offset before the scale"),
    # 01 first layers
    dense_params,
    dense,
    stack_params,
    activation,
    flatten_shape,
    flatten,
    reshape_shape,
    reshape,
    mend(prelu, "MendedPReLU", "sign of negative numbers lost"),
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
    mend(dense, "MendedDense", "activation before bias", unit="02-joining"),
    # 03 regularize and normalize
    dropout_value,
    dropout,
    spatial_mask_shape,
    spatial_dropout,
    batchnorm_params,
    moving_mean_after,
    batch_normalization,
    mend(normalization, "MendedNormalization", "root omitted"),
    # 04 features
    bucketize,
    one_hot,
    features_width,
    features_order,
    dense_features,
    mend(
        batch_normalization,
        "MendedBatchNormalization",
        "momentum the other way round",
        unit="04-features",
    ),
    # 05 saving
    can_load,
    lasting_power,
    built_after,
    linear,
    mend(kept_rescaling, "MendedConfig", "offset not in config"),
    # 06 convolution
    slide,
    conv_length,
    same_padding,
    conv1d,
    conv_params,
    conv_shape,
    conv2d,
    conv3d_params,
    conv3d,
    mend(cropping1d, "MendedCropping1D", "a slice to -0"),
    # 07 the convolution family
    depthwise_order,
    depthwise_conv2d,
    separable_params,
    separable_conv2d,
    transpose_shape,
    conv2d_transpose,
    local_params,
    locally_connected2d,
    mend(conv1d, "MendedConv1D", "causal padded right", unit="07-convolution-family"),
    # 08 pooling
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
    mend(zero_padding2d, "MendedZeroPadding2D", "all zeros behind"),
    # 09 embedding and cells
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
    mend(masking, "MendedMasking", "one number masks a step"),
    # 10 recurrent layers
    rnn_shape,
    rnn,
    recurrent_params,
    simple_rnn,
    lstm,
    gru,
    mend(lstm_cell, "MendedLSTMCell", "returned as [c, h]", unit="10-recurrent-layers"),
    # 11 recurrent wrappers
    bidirectional_shape,
    bidirectional,
    time_distributed_shape,
    time_distributed,
    conv_lstm_params,
    conv_lstm2d,
    mend(repeat_vector, "MendedRepeatVector", "features mixed by reshape"),
    # 12 attention
    attention_shapes,
    attention,
    additive_attention_params,
    additive_attention,
    multi_head_attention_params,
    multi_head_attention,
    mend(softmax, "MendedSoftmax", "masked after the softmax"),
    # 13 normalization
    layernorm_params,
    layer_normalization,
    rms_length,
    rms_normalization,
    group_statistics,
    group_normalization,
    mend(pre_norm, "MendedPreNorm", "residual taken after the normalization"),
    # 14 positions and heads
    position_embedding_params,
    position_embedding,
    sine_wavelength,
    sine_position_encoding,
    rotary_partner,
    same_score,
    rotary_embedding,
    group_query_params,
    cache_bytes,
    group_query_attention,
    mend(
        multi_head_attention,
        "MendedMultiHeadAttention",
        "heads mixed up by a reshape",
        unit="14-positions-and-heads",
    ),
    # 15 the decoder block
    swiglu_params,
    swiglu,
    tied_params,
    reversible_embedding,
    tokens_passed,
    cached_attention,
    decoder_params,
    decoder_block,
    mend(soft_cap, "MendedSoftCap", "not divided before tanh"),
    # 16 residual networks
    block_params,
    residual_block,
    squeeze_params,
    squeeze_excitation,
    inverted_params,
    inverted_residual,
    bilinear_row,
    up_sampling2d,
    mend(
        conv2d_transpose,
        "MendedConv2DTranspose",
        "cut at the end only",
        unit="16-residual-networks",
    ),
    # 17 backward and tests
    softmax_backward,
    dense_backward,
    window_shares,
    conv1d_backward,
    batchnorm_backward,
    dense_is_right,
    batchnorm_is_right,
    conv2d_is_right,
    lstm_cell_is_right,
    attention_is_right,
    # 18 a model that writes
    rotary_attention,
    decoder,
    temperature,
    top_k,
    top_p,
    generate,
    name_writer,
    mend(
        decoder_block,
        "MendedDecoderBlock",
        "second residual from the input",
        unit="18-capstone-write",
    ),
    # 19 a network that sees
    resnet_params,
    resnet_field,
    resnet,
    digit_reader,
    mend(
        residual_block,
        "MendedResidualBlock",
        "shortcut added before the normalization",
        unit="19-capstone-see",
    ),
)
CATALOGUE: Mapping[str, Exercise] = {exercise.name: exercise for exercise in ALL}
"""All exercises by name, in the order of the course."""
WRITTEN: Mapping[str, Exercise] = {
    name: exercise for name, exercise in CATALOGUE.items() if not exercise.mends
}
"""Those whose answer is written from nothing: all but the layers that are given with a fault."""


class UnknownExercise(Exception):
    """There is no exercise of this name; the message says which ones come near."""


def find(name: str) -> Exercise:
    """The exercise of this name."""
    if name in CATALOGUE:
        return CATALOGUE[name]
    near = difflib.get_close_matches(name, CATALOGUE, n=1, cutoff=0.6)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise UnknownExercise(
        f"there is no exercise {name!r}.{meant} If your class or function has another name, "
        f'say which exercise it is for: check({name}, exercise="...")'
    )
