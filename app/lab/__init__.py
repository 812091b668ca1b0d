"""The rooms of the facility; each has endpoints, service, repository and schemas."""
