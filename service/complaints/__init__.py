"""Complaints of citizens: reading them from a form, the API and files, and handing other trouble on."""
