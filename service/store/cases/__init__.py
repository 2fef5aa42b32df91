"""Cases: the queue, who works on them, decisions and legal holds."""
