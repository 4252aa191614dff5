"""The bodies of the generated pages, one module for each kind of page."""
