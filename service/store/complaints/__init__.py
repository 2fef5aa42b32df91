"""Consumer complaints."""
