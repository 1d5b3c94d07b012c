"""What is known of a ResNet before it has seen anything: its parameters, and how far it sees."""

from __future__ import annotations

import numpy as np

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.pooling.receptive_field import pixels_reached
from grader.exercises.seeing.resnet import UNIT, ResNet


def _count(filters: int, blocks: int, classes: int) -> int:
    """The trainable parameters of a live network for pictures of one channel."""
    model = ResNet(filters, blocks, classes)
    model.build((None, 8, 8, 1))
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def _sizes(draw: Draw, *blocks: int) -> Case:
    filters, classes = draw.size(3, 20), draw.size(3, 20)
    return Case({"filters": filters, "blocks": draw.choice(blocks), "classes": classes})


def _formula(
    filters: int,
    blocks: int,
    classes: int,
    *,
    projected: bool = True,
    norm: int = 2,
    biases: int = 0,
    bias: int = 1,
    doubled: bool = True,
    stem: bool = True,
) -> int:
    """A count with something changed, for the wrong ideas below."""
    each = norm + biases
    total, channels = (9 + each) * filters if stem else 0, filters
    for number in range(blocks):
        wide = filters << number if doubled else filters
        total += (9 * channels + 9 * wide + 2 * each) * wide
        if number and projected:
            total += (channels + each) * wide
        channels = wide
    return total + (channels + bias) * classes


resnet_params = Exercise(
    name="resnet_params",
    unit=UNIT,
    layer="ResNet",
    reference=_count,
    kinds=(
        Kind("one block", lambda d: _sizes(d, 1)),
        Kind("two blocks", lambda d: _sizes(d, 2)),
        Kind("more blocks", lambda d: _sizes(d, 3, 4)),
    ),
    aspects={"prediction": 2},
    misconceptions=(
        Misconception(
            "projections forgotten",
            "Your count leaves out the projections of the shortcuts.",
            "Which blocks change the shape of the picture?",
            lambda filters, blocks, classes: _formula(filters, blocks, classes, projected=False),
        ),
        Misconception(
            "moving statistics counted",
            "Your count includes the moving statistics, which are not trained.",
            "Which weights of a BatchNormalization does the optimizer change?",
            lambda filters, blocks, classes: _formula(filters, blocks, classes, norm=4),
        ),
        Misconception(
            "normalizations forgotten",
            "Your count leaves out the normalizations.",
            "What follows each convolution, and how many numbers does it learn for each channel?",
            lambda filters, blocks, classes: _formula(filters, blocks, classes, norm=0),
        ),
        Misconception(
            "convolutions with biases",
            "Your convolutions have biases.",
            "What would a normalization do to a number that is added everywhere?",
            lambda filters, blocks, classes: _formula(filters, blocks, classes, biases=1),
        ),
        Misconception(
            "bias of the head forgotten",
            "Your count leaves out the bias of the last layer.",
            "What does a Dense layer have besides its matrix?",
            lambda filters, blocks, classes: _formula(filters, blocks, classes, bias=0),
        ),
        Misconception(
            "stem forgotten",
            "Your count leaves out the stem.",
            "What does a picture pass before the first block?",
            lambda filters, blocks, classes: _formula(filters, blocks, classes, stem=False),
        ),
        Misconception(
            "filters not doubled",
            "In your count all blocks have the same number of filters.",
            "How many filters does block 1 have, if block 0 has 16?",
            lambda filters, blocks, classes: _formula(filters, blocks, classes, doubled=False),
        ),
    ),
)


def _seen(blocks: int) -> int:
    """Asks live layers: which pixels of a row does the gradient of one number reach?

    The strides and window sizes are those of a live `ResNet`; means in place of its kernels let
    every gradient through.
    """
    model = ResNet(1, blocks, 1)
    model.build((None, 8, 8, 1))
    convs = [model.stem]
    for block in model.blocks:
        convs += [block.first_conv, block.second_conv]
    return pixels_reached([(conv.kernel_size[0], conv.strides[0]) for conv in convs])


def _walked(blocks: int, *, stem: int = 1, each: int = 2, late: bool = False) -> int:
    """A field that grows by 2 steps for each convolution, with something changed."""
    seen, jump = 1 + 2 * stem, 1
    for number in range(blocks):
        for place in range(each):
            seen += 2 * jump
            if number and place == (each - 1 if late else 0):
                jump *= 2
    return seen


resnet_field = Exercise(
    name="resnet_field",
    unit=UNIT,
    layer="ResNet",
    reference=_seen,
    kinds=(
        Kind("one block", lambda d: Case({"blocks": 1})),
        Kind("two blocks", lambda d: Case({"blocks": 2})),
        Kind("three blocks", lambda d: Case({"blocks": 3})),
        Kind("more blocks", lambda d: Case({"blocks": d.choice([4, 5])})),
    ),
    aspects={"prediction": 2},
    misconceptions=(
        Misconception(
            "stem forgotten",
            "Your receptive field leaves out the convolution of the stem.",
            "What does a picture pass before the first block?",
            lambda blocks: _walked(blocks, stem=0),
        ),
        Misconception(
            "one convolution in a block",
            "Your receptive field grows once for each block.",
            "How many convolutions of 3 × 3 does a block have on its longer way?",
            lambda blocks: _walked(blocks, each=1),
        ),
        Misconception(
            "strides ignored",
            "Your receptive field grows by the same amount everywhere and ignores the strides.",
            "Behind a stride of 2, how many pixels of the picture lie between two neighbours?",
            lambda blocks: 3 + 4 * blocks,
        ),
        Misconception(
            "strides in the second convolution",
            "Your receptive field counts with strides in the second convolution of a block.",
            "Which of the two convolutions makes the picture smaller?",
            lambda blocks: _walked(blocks, late=True),
        ),
        Misconception(
            "stride in the first block too",
            "Your receptive field counts with strides in every block.",
            "Does the first block change the size of the picture?",
            lambda blocks: 3 + sum(2 * 2**n + 2 * 2 ** (n + 1) for n in range(blocks)),
        ),
    ),
)
