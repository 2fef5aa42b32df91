"""The public complaint form, and the pages of complaints."""
