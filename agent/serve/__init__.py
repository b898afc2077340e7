"""The service: what an HTTP API, a page or an MCP server puts in front of people."""
