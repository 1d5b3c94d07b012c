"""One examination of a layer, from its cases to the report."""
