"""Sources that learn from who used what together: neighbours, EASE, ALS, and what is used these days."""

from agent.retrieval.collaborative.als import AlsSource, fit_als, fold_in
from agent.retrieval.collaborative.ease import EaseSource, add_group, ease_precision, ease_scores
from agent.retrieval.collaborative.groups import append, decayed, group_matrix, profile, user_groups
from agent.retrieval.collaborative.item_knn import ItemKnnSource, similarities
from agent.retrieval.collaborative.recent import RecentSource, decayed_counts

__all__ = [
    "AlsSource",
    "EaseSource",
    "ItemKnnSource",
    "RecentSource",
    "add_group",
    "append",
    "decayed",
    "decayed_counts",
    "ease_precision",
    "ease_scores",
    "fit_als",
    "fold_in",
    "group_matrix",
    "profile",
    "similarities",
    "user_groups",
]
