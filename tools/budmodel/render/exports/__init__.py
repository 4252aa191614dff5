"""Exports: the catalog in the formats that other tools read."""
