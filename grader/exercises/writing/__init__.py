"""A model that writes: its attention, the model, how it goes on, and what it chooses."""
