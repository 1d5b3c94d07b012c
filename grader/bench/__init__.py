"""What may be asked of a layer, and the answers in NumPy. It goes where student code runs."""
