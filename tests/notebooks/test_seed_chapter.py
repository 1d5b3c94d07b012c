"""The old chapter's second part: its seven blocks mended for Keras 3, and what breaks as it stands.

Units 00 and 05 quote what Keras says where old code breaks; here is seen that Keras says so, and
that each of the seven blocks stands in one of the two units.
"""

from __future__ import annotations

import re
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

UNITS = "00-your-first-layer", "05-saving"
POINTS = np.array([[3.0, 2.0], [4.0, 5.0]], dtype="float32")

OLD = {
    "Lambda": """
import tensorflow as tf
from tensorflow.keras import layers,models,regularizers

mypower = layers.Lambda(lambda x:tf.math.pow(x,2))
mypower(tf.range(5))
""",
    "Linear": """
class Linear(layers.Layer):
    def __init__(self, units=32, **kwargs):
        super(Linear, self).__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight("w",shape=(input_shape[-1], self.units),
                                 initializer='random_normal',
                                 trainable=True)
        self.b = self.add_weight("b",shape=(self.units,),
                                 initializer='random_normal',
                                 trainable=True)
        super(Linear,self).build(input_shape)

    @tf.function
    def call(self, inputs):
        return tf.matmul(inputs, self.w) + self.b

    def get_config(self):
        config = super(Linear, self).get_config()
        config.update({'units': self.units})
        return config
""",
    "build": """
linear = Linear(units = 8)
print(linear.built)
linear.build(input_shape = (None,16))
print(linear.built)
""",
    "compute_output_shape": """
linear = Linear(units = 8)
print(linear.built)
linear.build(input_shape = (None,16))
print(linear.compute_output_shape(input_shape = (None,16)))
""",
    "call and config": """
linear = Linear(units = 16)
print(linear.built)
linear(tf.random.uniform((100,64)))
print(linear.built)
config = linear.get_config()
print(config)
""",
    "Sequential": """
tf.keras.backend.clear_session()

model = models.Sequential()
model.add(Linear(units = 1,input_shape = (2,)))
print("model.input_shape: ",model.input_shape)
print("model.output_shape: ",model.output_shape)
model.summary()
""",
    "files": """
model.compile(optimizer = "sgd",loss = "mse",metrics=["mae"])
print(model.predict(tf.constant([[3.0,2.0],[4.0,5.0]])))

model.save("./data/linear_model.h5",save_format = "h5")
model_loaded_keras = tf.keras.models.load_model(
    "./data/linear_model.h5",custom_objects={"Linear":Linear})
print(model_loaded_keras.predict(tf.constant([[3.0,2.0],[4.0,5.0]])))

model.save("./data/linear_model",save_format = "tf")
model_loaded_tf = tf.keras.models.load_model("./data/linear_model")
print(model_loaded_tf.predict(tf.constant([[3.0,2.0],[4.0,5.0]])))
""",
}
"""The chapter's seven blocks of code, without their comments."""

BY_KEYWORD = "`name` must be passed as a keyword argument"
BREAKS = {
    "build": BY_KEYWORD,
    "compute_output_shape": BY_KEYWORD,
    "call and config": BY_KEYWORD,
    "Sequential": BY_KEYWORD,
    "files": "Sequential model 'sequential' has already been configured",
}
"""What Keras 3 says to five of them, run one after the other as in the chapter's notebook."""


@keras.saving.register_keras_serializable("seed")
class Linear(keras.layers.Layer):
    """The second block, mended."""

    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        shape = (input_shape[-1], self.units)
        self.w = self.add_weight(name="w", shape=shape, initializer="random_normal")
        self.b = self.add_weight(name="b", shape=(self.units,), initializer="random_normal")

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        return super().get_config() | {"units": self.units}


@pytest.fixture
def model():
    """The sixth block, mended, and the first line of the seventh."""
    keras.utils.clear_session()
    model = keras.Sequential([keras.Input((2,)), Linear(units=1)])
    model.compile("sgd", loss=keras.losses.MeanSquaredError(), metrics=["mae"])
    return model


@pytest.fixture
def chapter(tmp_path, monkeypatch, capsys):
    """Runs blocks of the chapter as they stand; what an earlier one raises is passed over."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    scope = {}

    def run(name):
        before = list(OLD)[: list(OLD).index(name)]
        for earlier in before:
            try:
                exec(OLD[earlier], scope)
            except ValueError:
                assert earlier in BREAKS
        exec(OLD[name], scope)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield run


def test_a_lambda_squares():
    mypower = keras.layers.Lambda(lambda x: tf.math.pow(x, 2))
    assert mypower(tf.range(5)).numpy().tolist() == [0, 1, 4, 9, 16]


def test_build_builds():
    linear = Linear(units=8)
    assert linear.built is False
    linear.build((None, 16))
    assert linear.built is True


def test_the_output_shape_is_computed_from_a_shape():
    linear = Linear(units=8)
    assert linear.built is False
    linear.build((None, 16))
    assert linear.compute_output_shape((None, 16)) == (None, 8)


def test_a_call_builds_and_the_config_holds_the_units():
    keras.utils.clear_session()
    linear = Linear(units=16)
    assert linear.built is False
    linear(tf.random.uniform((100, 64)))
    assert linear.built is True
    config = linear.get_config()
    assert config.pop("dtype")["config"] == {"name": "float32"}
    assert config == {"name": "linear", "trainable": True, "units": 16}


def test_the_model_knows_its_shapes_and_its_three_parameters(model):
    assert model.input_shape == (None, 2)
    assert model.output_shape == (None, 1)
    lines = []
    model.summary(print_fn=lambda line, **_: lines.append(line))
    summary = "\n".join(lines)
    assert 'Model: "sequential"' in summary
    assert re.search(r"linear \(Linear\)\D+\(None, 1\)\D+ 3 ", summary)
    assert re.search(r"Total params: 3 .*\n\s*Trainable params: 3 ", summary)
    assert "Non-trainable params: 0" in summary


@pytest.mark.parametrize("form", [".h5", ".keras"])
def test_a_file_gives_the_same_predictions(form, model, tmp_path):
    before = model.predict(POINTS, verbose=0)
    assert before.shape == (2, 1)
    model.save(tmp_path / f"linear_model{form}")
    loaded = keras.models.load_model(tmp_path / f"linear_model{form}")
    np.testing.assert_array_equal(loaded.predict(POINTS, verbose=0), before)


def test_a_saved_model_gives_the_same_predictions(model, tmp_path):
    before = model.predict(POINTS, verbose=0)
    model.export(tmp_path / "linear_model", verbose=False)
    layer = keras.layers.TFSMLayer(tmp_path / "linear_model", call_endpoint="serve")
    loaded = keras.Sequential([keras.Input((2,)), layer])
    np.testing.assert_allclose(loaded.predict(POINTS, verbose=0), before, rtol=1e-6)


@pytest.mark.parametrize("name", OLD)
def test_five_of_the_seven_blocks_break_as_they_stand(name, chapter):
    if name not in BREAKS:
        chapter(name)
        return
    with pytest.raises(ValueError, match=re.escape(BREAKS[name])):
        chapter(name)


def test_the_last_block_breaks_on_a_sound_model_too(model, chapter, tmp_path):
    model.compile(optimizer="sgd", loss="mse", metrics=["mae"])
    with pytest.raises(ValueError, match=r"Could not deserialize 'keras\.metrics\.mse'"):
        exec(OLD["files"], {"model": model, "tf": tf, "Linear": Linear})
    assert (tmp_path / "data" / "linear_model.h5").exists()


class Guesses(keras.layers.Layer):
    """A layer of the chapter's, mended but for its output shape."""

    def build(self, input_shape):
        self.w = self.add_weight(name="w", shape=(input_shape[-1], 1))


def save_a_lambda(folder):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x**2)])
    model.save(folder / "model.keras")
    keras.models.load_model(folder / "model.keras")


def save_compiled(folder):
    model = keras.Sequential([keras.Input((2,)), Linear(1)])
    model.compile("sgd", loss="mse")
    model.save(folder / "model.h5")
    keras.models.load_model(folder / "model.h5")


def load_a_folder(folder):
    (folder / "model").mkdir()
    keras.models.load_model(folder / "model")


def with_input_shape(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Linear(1, input_shape=(2,))


QUOTED = {
    "A KerasTensor cannot be used as input to a TensorFlow function.": (
        ValueError,
        lambda folder: tf.sqrt(keras.Input((3,))),
    ),
    "Cannot convert '3' to a shape": (ValueError, lambda folder: keras.Input(shape=(3))),
    "Do not pass an input_shape/input_dim argument to a layer.": (UserWarning, with_input_shape),
    "Requested the deserialization of a Lambda layer whose function is a Python lambda.": (
        ValueError,
        save_a_lambda,
    ),
    "name must be passed as a keyword argument": (
        ValueError,
        lambda folder: keras.layers.Layer().add_weight("w", shape=(2, 1)),
    ),
    "does not have a compute_output_shape method implemented": (
        NotImplementedError,
        lambda folder: Guesses().compute_output_shape((None, 2)),
    ),
    "The save_format argument is deprecated in Keras 3.": (
        ValueError,
        lambda folder: keras.Sequential().save(folder / "model", save_format="tf"),
    ),
    "File format not supported": (ValueError, load_a_folder),
    "Could not deserialize 'keras.metrics.mse'": (ValueError, save_compiled),
}
"""Sentences that the unit quotes, without their backticks."""


SHOWN = {
    "Lambda": ("keras.layers.Lambda(lambda x: tf.math.pow(x, 2))", "(tf.range(5))"),
    "Linear": ("class Linear(keras.layers.Layer):", "self.add_weight(", "super().get_config()"),
    "build": ("linear = Linear(units=8)", "linear.build((None, 16))", "linear.built"),
    "compute_output_shape": ("linear.compute_output_shape((None, 16))",),
    "call and config": ("linear(tf.random.uniform((100, 64)))", "linear.get_config()"),
    "Sequential": (
        "keras.utils.clear_session()",
        "keras.Sequential([keras.Input((2,)), Linear(units=1)])",
        "model.input_shape",
        "model.output_shape",
        "model.summary()",
    ),
    "files": (
        'metrics=["mae"]',
        "[[3.0, 2.0], [4.0, 5.0]]",
        'model.save(f"{folder}/model.h5")',
        'load_model(f"{folder}/model.h5")',
        'model.export(f"{folder}/model"',
        "TFSMLayer(",
    ),
}
"""What the units keep of each block, as it is written today."""


@pytest.mark.parametrize("name", OLD)
def test_each_of_the_seven_blocks_stands_in_a_unit(name, root):
    text = text_of_the_units(root)
    assert [line for line in SHOWN[name] if line not in text] == []


def text_of_the_units(root):
    return "\n".join((root / "solutions" / f"{unit}.py").read_text() for unit in UNITS)


@pytest.mark.parametrize("sentence", QUOTED)
def test_keras_says_what_the_unit_quotes(sentence, root, tmp_path):
    assert sentence in re.sub(r"\n# (> )?", " ", text_of_the_units(root).replace("`", ""))
    error, action = QUOTED[sentence]
    with pytest.raises(error) as raised:
        action(tmp_path)
    assert sentence in str(raised.value).replace("`", "")
