"""The knowledge graph: items, what they have, and the people and dialogues that brought them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from agent.catalog import Catalog, Interaction
from agent.catalog.text import fold
from agent.dialogues import PastDialogue
from agent.retrieval.collaborative.groups import user_groups
from agent.retrieval.graph.attributes import connecting_fields, connections
from agent.retrieval.graph.triples import Triple
from agent.understanding.text import tokenise, word_key

WEIGHTS: Mapping[str, float] = {"year": 0.3, "decade": 0.3}
"""How much an edge weighs by its field; 1 where not named."""

_LONGEST_NAME = 6


@dataclass(frozen=True, slots=True)
class Node:
    """Something that is no item: a ``value`` of a ``field``, such as ("categories", "Horror")."""

    field: str
    value: str


class KnowledgeGraph:
    """Nodes in the order items, values, users, dialogues; edges are undirected.

    Values that are spelt alike are one node, whatever the column: who directs and who acts may be one person.
    Numbers are told apart by their column.

    Args:
        catalog: The items with their attributes.
        interactions: Past events; a user is connected to the items they like or use.
        groups: What users like or use, by weights, in the place of events, shape (users, len(catalog)).
        triples: More facts; a subject or object that is no item id is the node of that name.
        dialogues: Past dialogues; each is connected to the items it names, but for those disliked there.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        interactions: Sequence[Interaction] = (),
        groups: sparse.csr_array | None = None,
        triples: Iterable[Triple] = (),
        dialogues: Sequence[PastDialogue] = (),
    ) -> None:
        self.catalog = catalog
        self.values: list[Node] = []
        self._places: dict[str, int] = {}
        self._edges: dict[tuple[int, int], float] = {}
        fields = connecting_fields(catalog)
        for row, item in enumerate(catalog):
            for field, value in connections(item, fields):
                self._connect(row, self._node(field, value), WEIGHTS.get(field, 1.0))
        for triple in triples:
            ends = (self._end("subject", triple.subject), self._end(triple.predicate, triple.object))
            self._connect(*ends, WEIGHTS.get(triple.predicate, 1.0))
        self._users = user_groups(catalog, interactions) if groups is None else groups
        self._known = self._matrix()
        self.remember(dialogues)

    def __len__(self) -> int:
        """How many nodes there are."""
        return int(self.edges.shape[0])

    def remember(self, dialogues: Sequence[PastDialogue]) -> None:
        """Take these dialogues in the place of all earlier ones."""
        first = self._known.shape[0]
        self._dialogue_nodes = {dialogue.id: first + place for place, dialogue in enumerate(dialogues)}
        said = [
            (place, self.catalog.row(item.item_id))
            for place, dialogue in enumerate(dialogues)
            for item in dialogue.items
            if item.item_id in self.catalog and (item.attitude or 0) >= 0
        ]
        places, rows = np.array(sorted(set(said)), dtype=np.int64).reshape(-1, 2).T
        groups = sparse.csr_array((np.ones(len(rows)), (places, rows)), shape=(len(dialogues), first))
        self.edges = sparse.csr_array(sparse.block_array([[self._known, groups.T], [groups, None]]))

    def dialogue(self, dialogue_id: str | None) -> int | None:
        """The node of a dialogue, if it is there."""
        return self._dialogue_nodes.get(dialogue_id or "")

    def named(self, text: str) -> tuple[int, ...]:
        """The nodes of the values that a text names, longest names first where they overlap."""
        words = [token.norm for token in tokenise(text)]
        found, at = dict[int, None](), 0
        while at < len(words):
            for length in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
                place = self._places.get(" ".join(words[at : at + length]))
                if place is not None:
                    found[place] = None
                    at += length - 1
                    break
            at += 1
        return tuple(found)

    def _connect(self, one: int, other: int, weight: float) -> None:
        if one != other:
            self._edges[min(one, other), max(one, other)] = weight

    def _node(self, field: str, value: str) -> int:
        name = word_key(value) or fold(value)
        if field != "year" and name.replace(" ", "").isdigit():
            name = f"{field} {name}"
        if name not in self._places:
            self._places[name] = len(self.catalog) + len(self.values)
            self.values.append(Node(field, value))
        return self._places[name]

    def _end(self, field: str, name: str) -> int:
        return self.catalog.row(name) if name in self.catalog else self._node(field, name)

    def _matrix(self) -> sparse.csr_array:
        """All edges but those of dialogues."""
        size = len(self.catalog) + len(self.values)
        ends = np.array(list(self._edges), dtype=np.int64).reshape(-1, 2).T
        weights = np.array(list(self._edges.values()))
        half = sparse.csr_array((weights, (ends[0], ends[1])), shape=(size, size))
        users = sparse.csr_array(
            (self._users.data, self._users.indices, self._users.indptr), shape=(self._users.shape[0], size)
        )
        return sparse.csr_array(sparse.block_array([[half + half.T, users.T], [users, None]]))
