"""The aspects that an exercise may judge, one explicit line for each."""

from grader.aspects.accuracy import accuracy
from grader.aspects.aspect import Aspect, Trial, Verdict
from grader.aspects.built import built
from grader.aspects.config import config
from grader.aspects.distance import distance
from grader.aspects.distribution import distribution
from grader.aspects.dropping import dropping
from grader.aspects.dtype import dtype
from grader.aspects.frozen import frozen
from grader.aspects.gradient import gradient
from grader.aspects.in_pieces import in_pieces
from grader.aspects.in_rnn import in_rnn
from grader.aspects.loading import loading
from grader.aspects.mask import mask
from grader.aspects.model import model
from grader.aspects.output import output
from grader.aspects.output_shape import compute_output_shape
from grader.aspects.parameters import parameters
from grader.aspects.passes import passes
from grader.aspects.perplexity import perplexity
from grader.aspects.prediction import prediction
from grader.aspects.saving import saving
from grader.aspects.shape import shape
from grader.aspects.stages import stages
from grader.aspects.start import start
from grader.aspects.terms import TERM_ASPECTS
from grader.aspects.text import text
from grader.aspects.training import training
from grader.aspects.zoo import catches, lets_through

ASPECTS: dict[str, Aspect] = {
    aspect.name: aspect
    for aspect in (
        shape,
        compute_output_shape,
        parameters,
        loading,
        output,
        stages,
        mask,
        distance,
        gradient,
        training,
        frozen,
        dropping,
        start,
        built,
        config,
        dtype,
        in_rnn,
        in_pieces,
        model,
        saving,
        prediction,
        distribution,
        text,
        passes,
        *TERM_ASPECTS,
        accuracy,
        perplexity,
        lets_through,
        catches,
    )
}
"""In the order in which a report shows them."""

__all__ = ["ASPECTS", "Aspect", "Trial", "Verdict"]
