"""What platforms owe within a time: notices, requests for seller data, complaints."""
