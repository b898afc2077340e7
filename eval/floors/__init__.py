"""Floors: simple systems that every table holds beside what is evaluated."""

from eval.floors.item_knn import ItemKnnFloor
from eval.floors.item_text import ItemTextFloor
from eval.floors.lm_alone import LMAloneFloor
from eval.floors.neighbours import BM25NeighbourFloor, EmbeddingNeighbourFloor
from eval.floors.scored import ScoredFloor
from eval.floors.simple import NaiveCopyFloor, PopularityFloor, RandomFloor

__all__ = [
    "BM25NeighbourFloor",
    "EmbeddingNeighbourFloor",
    "ItemKnnFloor",
    "ItemTextFloor",
    "LMAloneFloor",
    "NaiveCopyFloor",
    "PopularityFloor",
    "RandomFloor",
    "ScoredFloor",
]
