"""Changes to training texts that keep their labels."""
