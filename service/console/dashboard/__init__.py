"""The dashboard and the pages of shadow runs."""
