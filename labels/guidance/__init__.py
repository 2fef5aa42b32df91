"""What sellers are told: advice, required sentences, prohibited phrases."""
