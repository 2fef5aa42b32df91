"""Cases: the queue, assignments, decisions and legal holds."""
