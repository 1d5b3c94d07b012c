# Forks and threads without end.
# %% [expect] flatten=6
# %% [blank]
# %% [notice] more than 1024 threads
# %% dense-params
import os
import subprocess
import threading
import time

for start in (os.fork, lambda: subprocess.run(["/bin/true"]), lambda: os.system("true")):
    try:
        start()
        print("GOT another process")
    except OSError:
        pass
threading.stack_size(32768)
while True:
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
