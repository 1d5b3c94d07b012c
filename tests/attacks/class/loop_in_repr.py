# Loops where nobody expects it: in __repr__, __del__, __getattr__ and a metaclass.
# %% [expect] flatten-shape=0
# %% [blank]
# %% [notice] TimeLimit
# %% dense-params
class Sticky(type):
    def __repr__(cls):
        while True:
            pass

    __str__ = __repr__


class Odd(Exception, metaclass=Sticky):
    def __str__(self):
        while True:
            pass


Odd

# %% flatten-shape
class Shy(type):
    def __instancecheck__(cls, thing):
        return True

    def __getattribute__(cls, name):
        raise RuntimeError(name)


class flatten_shape(metaclass=Shy):
    pass
