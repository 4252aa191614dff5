"""Floor 2: where models come from. Each source lists and reads; one translation serves them all."""
