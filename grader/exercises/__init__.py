"""The exercises of the course: one file for each layer, one line each here, in teaching order."""

import grader.backend  # noqa: F401  first: it loads Keras without TensorFlow's noise
from grader.exercise import Exercise
from grader.exercises.activation import activation, stack_params
from grader.exercises.additive_attention import (
    additive_attention,
    additive_attention_params,
)
from grader.exercises.attention import attention, attention_shapes
from grader.exercises.dense import dense, dense_params
from grader.exercises.embedding import embedding, embedding_params
from grader.exercises.flatten import flatten, flatten_shape
from grader.exercises.gru_cell import gru_cell, gru_cell_params
from grader.exercises.lstm_cell import lstm_cell, lstm_cell_params
from grader.exercises.memory_cell import memory_cell, memory_cell_shapes
from grader.exercises.multi_head_attention import (
    multi_head_attention,
    multi_head_attention_params,
)
from grader.exercises.reshape import reshape, reshape_shape
from grader.exercises.simple_rnn_cell import simple_rnn_cell, simple_rnn_cell_params

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
    # 10 attention
    attention_shapes,
    attention,
    additive_attention_params,
    additive_attention,
    multi_head_attention_params,
    multi_head_attention,
)
