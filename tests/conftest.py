"""What holds for all tests."""

from hypothesis import settings

# A deadline is a wall-clock time; a busy machine must not fail a property.
settings.register_profile("budmodel", deadline=None)
settings.load_profile("budmodel")
