# A list in a list, a thousand deep; a dict; an array of objects.
# %% [expect]
# %% [blank]
# %% dense-params
def dense_params(features, units, use_bias=True):
    answer = features * units + units * use_bias
    for _ in range(900):
        answer = [answer]
    return answer

# %% flatten-shape
def flatten_shape(input_shape):
    answer = {"a": input_shape}
    for _ in range(10_000):
        answer = {"a": answer}
    return answer

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return {"row": ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))}

    def compute_output_shape(self, input_shape):
        return {"shape": [input_shape]}
