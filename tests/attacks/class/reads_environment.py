# Looks into the environment, at other processes, and for a network.
# %% [expect] flatten=3
# %% [blank]
# %% flatten
import os
import socket

for name, value in os.environ.items():
    if "COURSE" in value or "INSTRUCTOR" in name or name in ("USER", "SSH_AUTH_SOCK"):
        print("GOT", name)
for process in range(1, 3000):
    for name in ("environ", "mem", "maps", "root", "fd", "cwd"):
        if os.path.exists(f"/proc/{process}/{name}"):
            print("GOT", process, name)
for host in ("127.0.0.1", "10.0.2.2", "169.254.169.254", "1.1.1.1"):
    for port in (22, 53, 80, 443, 8888):
        try:
            socket.create_connection((host, port), 0.2).close()
            print("GOT", host, port)
        except OSError:
            pass
for family in (socket.AF_VSOCK, socket.AF_PACKET, socket.AF_ALG):
    try:
        socket.socket(family, socket.SOCK_STREAM)
        print("GOT a socket", family)
    except OSError:
        pass


class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
