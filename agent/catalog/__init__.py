"""Items, the catalog that holds them, and how catalogs are loaded and checked."""

from agent.catalog.items import Catalog, Interaction, Item

__all__ = ["Catalog", "Interaction", "Item"]
