"""All answers to one written question on one page, to be graded by a person in the browser."""
