"""Gradients by hand: what `backward` of a layer computes, as a plain function of arrays."""
