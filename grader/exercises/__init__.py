"""What there is to write: a file for each layer, a folder for each family.

The list of all is `grader.exercises.catalogue`; importing this package alone loads none.
"""
