"""From a unit's text to notebooks, and to the zip for students."""
