"""Migrations of the store, run by :mod:`agent.store.migrate`."""
