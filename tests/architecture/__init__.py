"""Rules about the code itself, read from its source."""
