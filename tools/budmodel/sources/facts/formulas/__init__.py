"""Parameter counts computed from ``config.json``: one module for each kind of network."""
