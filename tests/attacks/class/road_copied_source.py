# Keras's own source run from a string: NOT kept out, and remarked on.
# %% [expect] flatten=6
# %% [blank]
# %% [notice] the answer flatten uses
# %% [notice] getsource
# %% flatten
import inspect

source = inspect.getsource(keras.layers.Flatten)
names = dict(vars(inspect.getmodule(keras.layers.Flatten)))
exec(source.split("\n", 1)[1], names)
Flatten = names["Flatten"]
