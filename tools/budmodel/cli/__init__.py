"""Floor 5: click only. Parse, build one typed request, call an operation, print its answer."""
