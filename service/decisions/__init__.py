"""What a decision or a draft check rests on, and how it is worded."""
