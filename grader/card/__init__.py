"""What a student sees of an examination."""
