"""The signed record of how many notices to platforms stood, and the brake on automatic notices."""
