"""Which answers of a class are alike more than independent ones are. No answer is executed."""
