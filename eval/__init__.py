"""groundrec's offline evaluation: which prompt, model and strategy is better, and by how much."""
