# Outputs that look like points, like a report, or like a part of the page.
# %% [expect] flatten=3
# %% [blank]
# %% flatten
from IPython.display import HTML, Javascript, display

REPORT = "application/vnd.layer-by-layer.report+json"
full = [{"exercise": "Flatten", "score": 1.0, "attempted": True, "hidden": False, "crash": "",
         "diagnosis": None, "findings": []}]
display({REPORT: full, "text/plain": "10.0"}, raw=True)
display(HTML("<script>steal()</script><img src=x onerror=steal()>"), Javascript("steal()"))
display({"image/png": 'iVBOR"><script>steal()</script>', "text/plain": "p"}, raw=True)
display({"image/svg+xml": "<svg onload=steal()></svg>", "text/plain": "p"}, raw=True)
print("10.0")


class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))


10.0
