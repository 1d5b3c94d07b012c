"""The made-up class that `make demo` grades."""
