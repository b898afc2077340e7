"""The HTTP API: the service's own endpoints, and those of an OpenAI-compatible chat server."""
