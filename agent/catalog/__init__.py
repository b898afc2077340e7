"""Items, the catalog that holds them, and how catalogs are loaded and checked."""

from agent.catalog.items import Catalog, Interaction, Item
from agent.catalog.loaders import load_catalog
from agent.catalog.report import CatalogCheck, CatalogInfo, catalog_info, check_catalog

__all__ = [
    "Catalog",
    "CatalogCheck",
    "CatalogInfo",
    "Interaction",
    "Item",
    "catalog_info",
    "check_catalog",
    "load_catalog",
]
