"""A network that sees: the network, its sizes, and one that a student has trained."""
