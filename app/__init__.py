"""The service: a REST API and a portal over the facility's rooms."""
