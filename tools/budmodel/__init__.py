"""budmodel: a model registry whose database is a Git repository."""

__version__ = "0.1.0"
