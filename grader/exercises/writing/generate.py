"""generate: the loop that writes, one token after the other, with the cache of a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.bench import inside
from grader.bench.probe import Made
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.writing.parts import UNIT

_SIGNS = 9
END = 0


def _whole_again(model: Any, prompt: Any, most: int, choose: Any) -> list[int]:
    """Without a cache: the whole text passes for each token."""
    text = list(prompt)
    while len(text) < len(prompt) + most:
        text.append(choose(model([text])[0, -1]))
        if text[-1] == END:
            break
    return text[len(prompt) :]


def _as_it_should(model: Any, prompt: Any, most: int, choose: Any) -> list[int]:
    """What is written without a cache, and the tokens that would pass with one."""
    new = _whole_again(model, prompt, most, choose)
    model.passed = len(prompt) + len(new) - 1
    return new


def _cached(
    model: Any,
    prompt: Any,
    most: int,
    choose: Any,
    *,
    first: Callable[[Any], Any] = lambda logits: logits[0, -1],
    kept: Callable[[Any], Any] = lambda cache: cache,
    passed: Callable[[list[int]], list[int]] = lambda text: text[-1:],
    begun: Callable[[list[int]], list[int]] = lambda prompt: prompt,
    ends: bool = True,
) -> list[int]:
    """Write with a cache. The functions change a step of it, for the wrong ideas."""
    text = list(prompt)
    logits, cache = model.proceed([begun(text)])
    for number in range(most):
        if number:
            logits, cache = model.proceed([passed(text)], kept(cache))
        text.append(choose(first(logits)))
        if text[-1] == END and ends:
            break
    return text[len(prompt) :]


def _case(
    draw: Draw, length: int, *, ends: bool, drawn: bool, most: int = 0, begun: bool = False
) -> Case:
    """A model that comes to an end by itself, or does not; no choice hangs by a rounding. Where the
    text is `begun`, its prompt has the end of the text before it, as a name has."""
    while True:
        seed = int(draw.random.integers(1 << 30))
        prompt = [int(token) for token in draw.random.integers(1, _SIGNS, size=length)]
        prompt = [END, *prompt[1:]] if begun else prompt
        asked = most or int(draw.random.integers(6, 9))
        chooser = _Recorder(draw if drawn else None)
        written = _whole_again(inside.SmallWriter(_SIGNS, seed), prompt, asked, chooser)
        stopped = written[-1] == END and 3 < len(written) < asked
        if chooser.sure and (stopped if ends else END not in written and len(set(written)) > 2):
            break
        if most == 1 and chooser.sure and not ends and END not in written:
            break
    numbers = [*chooser.numbers, *draw.random.uniform(size=2 * asked).tolist()]
    choose = Made("grader.bench.inside.Drawn", {"numbers": numbers})
    return Case(
        {
            "model": Made("grader.bench.inside.SmallWriter", {"signs": _SIGNS, "seed": seed}),
            "prompt": prompt,
            "most": asked,
            "choose": choose if drawn else Made("grader.bench.inside.Largest"),
        },
        facts={"prompt": length},
    )


class _Recorder:
    """Chooses, and notes by which numbers; `sure` says that no choice was near another."""

    def __init__(self, draw: Draw | None) -> None:
        self.draw, self.numbers, self.sure = draw, list[float](), True

    def __call__(self, logits: Any) -> int:
        row = np.asarray(logits, "float64")
        best, second = np.sort(row)[::-1][:2]
        if self.draw is None:
            self.sure &= bool(best - second > 0.05)
            return int(np.argmax(row))
        probabilities = np.exp(row - best) / np.exp(row - best).sum()
        token = int(self.draw.random.choice(len(row), p=probabilities))
        self.sure &= bool(probabilities[token] > 0.02)
        middle = probabilities[:token].sum() + probabilities[token] * self.draw.random.uniform(
            0.3, 0.7
        )
        self.numbers.append(float(middle))
        return token


def _one_more(model: Any, prompt: Any, most: int, choose: Any) -> list[int]:
    return _cached(model, prompt, most + 1, choose)


def _with_prompt(model: Any, prompt: Any, most: int, choose: Any) -> list[int]:
    return [*prompt, *_cached(model, prompt, most, choose)]


def _without_end(model: Any, prompt: Any, most: int, choose: Any) -> list[int]:
    return [token for token in _cached(model, prompt, most, choose) if token != END]


def _ended_by_the_prompt(model: Any, prompt: Any, most: int, choose: Any) -> list[int]:
    return [] if END in prompt else _cached(model, prompt, most, choose)


def _changed(**how: Any) -> Callable[..., list[int]]:
    return lambda model, prompt, most, choose: _cached(model, prompt, most, choose, **how)


def _last_twice(model: Any, prompt: Any, most: int, choose: Any) -> list[int]:
    """The prompt passes, and then its last token once more."""
    text, (_, cache) = list(prompt), model.proceed([list(prompt)])
    for _ in range(most):
        logits, cache = model.proceed([text[-1:]], cache)
        text.append(choose(logits[0, -1]))
        if text[-1] == END:
            break
    return text[len(prompt) :]


generate = Exercise(
    name="generate",
    unit=UNIT,
    layer="GroupQueryAttention",
    reference=_as_it_should,
    kinds=(
        Kind("one token, the likeliest next ones", lambda d: _case(d, 1, ends=False, drawn=False)),
        Kind("a longer prompt", lambda d: _case(d, 4, ends=False, drawn=False)),
        Kind("a text that ends", lambda d: _case(d, 3, ends=True, drawn=False)),
        Kind(
            "a prompt that begins with 0",
            lambda d: _case(d, 2, ends=False, drawn=False, begun=True),
        ),
        Kind("tokens that are drawn", lambda d: _case(d, 2, ends=False, drawn=True)),
        Kind("a text that ends, drawn", lambda d: _case(d, 1, ends=True, drawn=True)),
        Kind(
            "one token, no more",
            lambda d: _case(d, 3, ends=False, drawn=False, most=1),
            edge=True,
        ),
    ),
    aspects={"text": 4, "passes": 2},
    misconceptions=(
        Misconception(
            "no cache",
            "Your function passes the whole text through the model for each token.",
            "What does `proceed` give besides the logits, and who needs it?",
            _whole_again,
        ),
        Misconception(
            "cache not passed on",
            "Each of your calls begins with an empty cache.",
            "What does the model know of the text in your second call?",
            _changed(kept=lambda cache: None),
        ),
        Misconception(
            "the whole text behind its own cache",
            "Your function passes the whole text again, behind a cache that holds it already.",
            "How many tokens does the model believe to have read after the second call?",
            _changed(passed=list),
        ),
        Misconception(
            "last token of the prompt twice",
            "Your function passes the last token of the prompt a second time.",
            "Which logits tell the first new token? Do you have them already?",
            _last_twice,
        ),
        Misconception(
            "only the last token of the prompt",
            "Your model sees only the last token of the prompt.",
            "What must be in the cache before the first token is written?",
            _changed(begun=lambda prompt: prompt[-1:]),
        ),
        Misconception(
            "logits of the first place",
            "Your function chooses by the logits of the first place of each call.",
            "The prompt has four tokens. At which place are the logits for the fifth?",
            _changed(first=lambda logits: logits[0, 0]),
        ),
        Misconception(
            "end not heeded",
            "Your function goes on writing after the end.",
            "What does it mean if the model chooses token 0?",
            _changed(ends=False),
        ),
        Misconception(
            "end of the text before",
            "Your function takes a 0 in the prompt for the end of the text.",
            "Each name begins behind a 0. Which tokens can end the text that you write?",
            _ended_by_the_prompt,
        ),
        Misconception(
            "end left out",
            "Your list does not hold the end.",
            "How can a reader of the list tell a text that ended from one that was cut off?",
            _without_end,
        ),
        Misconception(
            "prompt returned too",
            "Your list begins with the prompt.",
            "Which tokens does the text ask for?",
            _with_prompt,
        ),
        Misconception(
            "one token too many",
            "Your function writes one token more than `most`.",
            "With most=1, how often is `choose` called?",
            _one_more,
        ),
    ),
)
