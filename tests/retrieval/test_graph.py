"""The knowledge graph: what is connected, where walks lead, and what a file may add."""

import time

import numpy as np
import pytest
from scipy import sparse
from support import WordEmbedder

from agent.catalog import Catalog, Interaction, Item
from agent.dialogues import PastDialogue, Spoken
from agent.errors import CatalogError
from agent.retrieval import ConversationMemory, Query
from agent.retrieval.collaborative import user_groups
from agent.retrieval.graph import (
    GraphSource,
    KnowledgeGraph,
    Node,
    Triple,
    UserGraphSource,
    degrees_of,
    load_triples,
    personalised_pagerank,
)

PAPERS = (
    Item("a", "A", 2001, categories=("AI",), attributes={"authors": ("Ann Lee", "Bob"), "pages": 4}),
    Item("b", "B", 2001, categories=("AI",), attributes={"authors": ("Ann Lee",), "pages": 4}),
    Item("c", "C", 2013, categories=("Law",), attributes={"authors": ("Cy",), "date": "2013-01-02"}),
    Item("d", "D", attributes={"rating": 7.5, "note": "one of a kind"}),
)


@pytest.fixture
def papers():
    return Catalog(PAPERS, name="papers")


def neighbours(graph, node):
    names = [item.id for item in graph.catalog] + [node.value for node in graph.values]
    row = graph.edges[[node]].tocoo()
    return {names[i] if i < len(names) else i: weight for i, weight in zip(row.col, row.data, strict=True)}


def said(item_id, attitude=None, by="assistant"):
    return Spoken(item_id, 0, by, attitude)


def source(catalog, dialogues=(), triples=()):
    return GraphSource(ConversationMemory(catalog, WordEmbedder(), dialogues), triples)


def found(source, query, catalog, k=10):
    return [c.item_id for c in source.retrieve(query, k, np.ones(len(catalog), dtype=bool))]


def test_items_are_connected_to_their_values(papers):
    graph = KnowledgeGraph(papers)
    values = {"AI": 1.0, "Ann Lee": 1.0, "4": 1.0, "2000s": 0.3, "2001": 0.3}
    assert neighbours(graph, 0) == {**values, "Bob": 1.0}
    assert neighbours(graph, 1) == values
    # A date, a mean rating and a note that no other item has connect nothing.
    assert set(neighbours(graph, 2)) == {"Law", "Cy", "2010s", "2013"}
    assert neighbours(graph, 3) == {}
    assert Node("authors", "Ann Lee") in graph.values
    assert (graph.edges != graph.edges.T).nnz == 0


def test_users_are_connected_to_what_they_like_and_dialogues_to_what_was_not_disliked_there(papers):
    events = [Interaction("u", "a", "rate", 9.0), Interaction("u", "c", "rate", 3.0)]
    dialogue = PastDialogue("x", (), (said("a", 1), said("b"), said("c", -1), said("unknown")))
    graph = KnowledgeGraph(papers, interactions=events, dialogues=[dialogue])
    user = len(papers) + len(graph.values)
    assert neighbours(graph, user) == {"a": 1.0}
    assert graph.dialogue("x") == user + 1
    assert neighbours(graph, user + 1) == {"a": 1.0, "b": 1.0}
    assert graph.dialogue("y") is None
    assert graph.dialogue(None) is None


def test_triples_add_values_to_items_and_facts_about_values(papers):
    triples = [
        Triple("d", "author", "ANN LEE"),
        Triple("Ann Lee", "works at", "Acme"),
        Triple("a", "cites", "c"),
    ]
    graph = KnowledgeGraph(papers, triples=triples)
    assert neighbours(graph, 3) == {"Ann Lee": 1.0}
    acme = len(papers) + graph.values.index(Node("works at", "Acme"))
    assert neighbours(graph, acme) == {"Ann Lee": 1.0}
    assert neighbours(graph, 0)["c"] == 1.0


def test_numbers_of_different_columns_are_different_values():
    items = [Item(str(i), f"T{i}", attributes={"players": 4, "hours": 4}) for i in range(2)]
    graph = KnowledgeGraph(Catalog(items))
    assert graph.values == [Node("players", "4"), Node("hours", "4")]


def test_a_text_names_values_the_longest_first(films):
    graph = KnowledgeGraph(
        films, triples=[Triple("heat", "set in", "Los Angeles"), Triple("up", "set in", "Los")]
    )
    named = [
        graph.values[place - len(films)].value for place in graph.named("A SCI-FI from Los Angeles, 1980s!")
    ]
    assert named == ["Sci-Fi", "Los Angeles", "1980s"]
    assert graph.named("nothing of that kind") == ()


def test_pagerank_is_the_series():
    # 0 - 1 - 2: from 0 all goes to 1, from 1 half to each side.
    edges = sparse.csr_array(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=float))
    start = np.array([1.0, 0, 0])
    assert personalised_pagerank(edges, start, restart=0.5, steps=1) == pytest.approx([0.5, 0.5, 0])
    assert personalised_pagerank(edges, start, restart=0.5, steps=2) == pytest.approx([0.625, 0.25, 0.125])
    limit = 0.5 * np.linalg.solve(np.eye(3) - 0.5 * np.array([[0, 0.5, 0], [1, 0, 1], [0, 0.5, 0]]), start)
    assert personalised_pagerank(edges, start, restart=0.5, steps=40) == pytest.approx(limit)
    # What is liked attracts as much as what is disliked repels.
    assert personalised_pagerank(edges, -start, restart=0.5, steps=2) == pytest.approx(
        [-0.625, -0.25, -0.125]
    )


def test_a_node_can_be_taken_as_if_it_were_not_there():
    full = np.array([[0, 2, 1, 1], [2, 0, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]], dtype=float)
    edges, start = sparse.csr_array(full), np.array([1.0, 0, 0, 0])
    cut = full.copy()
    cut[2] = cut[:, 2] = 0
    assert degrees_of(edges, 2).tolist() == [3, 2, 0, 1]
    without = personalised_pagerank(edges, start, without=2)
    assert without == pytest.approx(personalised_pagerank(sparse.csr_array(cut), start))


def test_walks_lead_along_what_is_shared(papers):
    graph = source(papers)
    assert found(graph, Query(items={"a": 1}), papers) == ["b"]
    assert found(graph, Query("something by bob"), papers) == ["a", "b"]
    assert found(graph, Query("law"), papers) == ["c"]
    assert graph.score(Query("nothing known"), np.arange(4)) is None
    assert graph.score(Query(items={"a": -1}), np.arange(4)) is None


def test_hubs_do_not_win():
    """Both b and hub share one tag with a; hub shares others with ten more."""
    items = [Item("a", "A", attributes={"tags": ("x", "y")}), Item("b", "B", attributes={"tags": ("x",)})]
    items.append(Item("hub", "Hub", attributes={"tags": ("y", *(f"t{n}" for n in range(10)))}))
    items += [Item(f"i{n}", f"I{n}", attributes={"tags": (f"t{n}",)}) for n in range(10)]
    catalog = Catalog(items)
    assert found(source(catalog), Query(items={"a": 1}), catalog, 2) == ["b", "hub"]


def test_a_dialogue_joins_at_once_and_does_not_foretell_itself(papers):
    memory = ConversationMemory(papers, WordEmbedder())
    graph = GraphSource(memory)
    assert found(graph, Query(items={"c": 1}), papers) == []
    memory.add(PastDialogue("x", (), (said("c"), said("d"))))
    assert found(graph, Query(items={"c": 1}), papers) == ["d"]
    assert found(graph, Query(items={"c": 1}, dialogue_id="x"), papers) == []


def test_a_file_of_triples(tmp_path):
    path = tmp_path / "facts.tsv"
    path.write_text(
        "Subject\tpredicate\tobject\na\tcites\tb\na\tcites\tb\nAnn Lee\tlives in\tRome\n", "utf-8"
    )
    assert load_triples(path) == (Triple("a", "cites", "b"), Triple("Ann Lee", "lives in", "Rome"))


def test_broken_triples_are_named_by_file_and_row(tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text("subject,predicate,object\na,cites,\na,cites,b\n,,c\na,b\n", "utf-8")
    with pytest.raises(CatalogError) as error:
        load_triples(path)
    assert [line.replace(str(path), "facts.csv") for line in error.value.problems] == [
        "facts.csv:2:object: missing",
        "facts.csv:4:subject: missing",
        "facts.csv:4:predicate: missing",
        "facts.csv:5: 2 fields where the header has 3",
    ]
    path.write_text("subject,object\na,b\n", "utf-8")
    with pytest.raises(CatalogError, match="no column 'predicate'"):
        load_triples(path)


def test_ten_thousand_items_are_walked_in_time():
    rng = np.random.default_rng(0)
    items = [
        Item(
            str(i), f"T{i}", 1980 + i % 40, categories=(f"c{i % 20}",), attributes={"tags": (f"t{i % 999}",)}
        )
        for i in range(10_000)
    ]
    events = [Interaction(str(u), str(i), "like") for u, i in rng.integers(0, 10_000, (100_000, 2))]
    catalog = Catalog(items, interactions=events)
    graph = source(catalog)
    graph.scores(Query(items={"0": 1}))
    taken = []
    for first in range(1, 6):
        begun = time.process_time()
        graph.scores(Query(items={str(first): 1}))
        taken.append(time.process_time() - begun)
    assert min(taken) < 0.05


def test_walks_of_users_lead_to_what_those_who_like_the_same_like():
    # Of two users, both like a; the first likes b as much, the other c half as much.
    bare = Catalog([Item(i, f"T{i}") for i in "abcd"])
    groups = sparse.csr_array(np.array([[1, 1, 0, 0], [1, 0, 0.5, 0]]))
    walks = UserGraphSource(bare, groups)
    scores = walks.scores(Query(items={"a": 1}))
    edges = np.zeros((6, 6))
    edges[4, [0, 1]] = 1, 1
    edges[5, [0, 2]] = 1, 0.5
    edges += edges.T
    ranks = personalised_pagerank(sparse.csr_array(edges), np.eye(6)[0])
    # Degrees below 1 count as 1, so those of b and c hold nothing back; what is liked is not found again.
    assert scores == pytest.approx([0, ranks[1], ranks[2], 0])
    assert scores[1] > scores[2] > 0
    assert walks.scores(Query(text="a wish alone")) is None
    assert walks.scores(Query(items={"a": -1})) is None


def test_a_group_stands_for_the_events_of_its_user(papers):
    events = [Interaction("u", "a", "like"), Interaction("u", "b", "like")]
    by_events = KnowledgeGraph(papers, interactions=events)
    by_groups = KnowledgeGraph(papers, groups=user_groups(papers, events))
    assert (by_events.edges != by_groups.edges).nnz == 0
