"""From generated text to items: parsing titles, grounding them in a catalog, embeddings, vector search."""
