"""Canvas, Moodle and the exchange: class lists, what was handed in, grades, feedback."""
