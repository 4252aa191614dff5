"""What can be derived of a model from its small files, one kind of fact in each module."""
