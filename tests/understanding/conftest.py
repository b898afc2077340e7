"""Three small hand-made catalogs and an understander for each."""

from __future__ import annotations

from datetime import date

import pytest

from agent.catalog import Catalog, Item
from agent.understanding import RuleUnderstander

TODAY = date(2026, 6, 1)

_MOVIES = """
alien|Alien|1979|Horror,Sci-Fi|900
aliens|Aliens|1986|Action,Sci-Fi|800
alien3|Alien³|1992|Horror,Sci-Fi|100
prometheus|Prometheus|2012|Sci-Fi,Mystery|700
thing51|The Thing from Another World|1951|Horror,Sci-Fi|40
thing82|The Thing|1982|Horror,Sci-Fi|500
thing11|The Thing|2011|Horror|90
it|It|2017|Horror|600
her|Her|2013|Drama,Romance|550
up|Up|2009|Animation,Comedy|650
us|Us|2019|Horror|300
big|Big|1988|Comedy|250
drive|Drive|2011|Crime,Drama|500
go|Go|1999|Comedy|60
heat|Heat|1995|Crime|450
theheat|The Heat|2013|Comedy|460
saw|Saw|2004|Horror|300
saw2|Saw II|2005|Horror|120
inception|Inception|2010|Sci-Fi,Thriller|990
shawshank|The Shawshank Redemption|1994|Drama|980
godfather|The Godfather|1972|Crime,Drama|970
godfather2|The Godfather: Part II|1974|Crime,Drama|800
se7en|Se7en|1995|Crime,Thriller|600
walle|WALL·E|2008|Animation|620
mi|Mission: Impossible|1996|Action|350
airplane|Airplane!|1980|Comedy|280
titanic|Titanic|1997|Drama,Romance|640
titanic53|Titanic|1953|Drama|20
toy1|Toy Story|1995|Animation|500
toy3|Toy Story 3|2010|Animation|480
fellowship|The Lord of the Rings: The Fellowship of the Ring|2001|Fantasy|930
return|The Lord of the Rings: The Return of the King|2003|Fantasy|940
lotr78|The Lord of the Rings|1978|Animation,Fantasy|15
hp1|Harry Potter and the Goblet of Fire|2005|Fantasy|300
hp2|Harry Potter and the Chamber of Secrets|2002|Fantasy|290
schindler|Schindler's List|1993|Biography,War|700
notebook|The Notebook|2004|Romance|350
new|Something New|2006|Romance|12
kids|The Kids Are All Right|2010|Comedy|80
monkeys|12 Monkeys|1995|Sci-Fi|330
gravity|Gravity|2013|Sci-Fi|560
western|Unforgiven|1992|Western|300
doc|Man on Wire|2008|Documentary|70
musical|Grease|1978|Musical,Romance|310
noir|The Third Man|1949|Film-Noir|200
family|Babe|1995|Family,Comedy|150
bridge|Bridge|1990|Drama|1
""".strip()


def _movie(line: str) -> Item:
    item_id, title, year, categories, popularity = line.split("|")
    return Item(
        item_id,
        title,
        int(year),
        categories=tuple(categories.split(",")),
        popularity=float(popularity),
        attributes={"rating": 7.5},
    )


@pytest.fixture(scope="session")
def movies() -> RuleUnderstander:
    return RuleUnderstander(
        Catalog([_movie(line) for line in _MOVIES.splitlines()], name="small", kind="movie"), today=TODAY
    )


@pytest.fixture(scope="session")
def games() -> RuleUnderstander:
    rows = [
        ("catan", "Catan", 39.9, 3, 4, 90, "Klaus Teuber", "Trading"),
        ("azul", "Azul", 34.9, 2, 4, 40, "Michael Kiesling", "Abstract"),
        ("dixit", "Dixit", 29.9, 3, 8, 30, "Jean-Louis Roubira", "Party"),
    ]
    items = [
        Item(
            i,
            title,
            2000,
            categories=(category,),
            attributes={
                "price": price,
                "players_min": low,
                "players_max": high,
                "minutes": minutes,
                "designer": who,
            },
        )
        for i, title, price, low, high, minutes, who, category in rows
    ]
    return RuleUnderstander(Catalog(items, name="games", kind="game"), today=TODAY)


@pytest.fixture(scope="session")
def papers() -> RuleUnderstander:
    rows = [
        ("p1", "FloPE: Flower Pose Estimation for Pollination", ("cs.RO", "cs.CV"), ("Jane Doe", "Yu Gu")),
        ("p2", "A Survey of Query Expansion", ("cs.IR",), ("John Roe",)),
        ("p3", "You Only Train Once", ("cs.LG",), ("Jane Doe",)),
    ]
    items = [
        Item(i, title, 2025, categories=categories, attributes={"authors": authors, "date": "2025-03-18"})
        for i, title, categories, authors in rows
    ]
    return RuleUnderstander(Catalog(items, name="papers", kind="article"), today=TODAY)
