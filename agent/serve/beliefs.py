"""What is believed of a user, shown and corrected."""

from __future__ import annotations

from dataclasses import replace

from agent.context import UserContext
from agent.errors import RequestError
from agent.feedback import with_attitude
from agent.recommender import Recommender
from agent.serve.shown import item_name
from agent.serve.views import (
    AttitudeView,
    Beliefs,
    BeliefsEdit,
    ConstraintView,
    FacetView,
    InterestView,
)


def beliefs_of(context: UserContext, recommender: Recommender) -> Beliefs:
    """All that is believed of the user, the newest attitudes last."""
    catalog, state = recommender.catalog, context.state
    return Beliefs(
        wish=context.wish,
        constraints=[
            ConstraintView(
                field=c.field,
                op=c.op,
                value=list(c.value) if isinstance(c.value, tuple) else c.value,
                text=c.text,
            )
            for c in context.constraints
        ],
        attitudes=[
            AttitudeView(item=item_name(item_id, catalog), attitude=attitude)
            for item_id, attitude in context.attitudes.items()
        ],
        facets=[FacetView(field=f, value=v, weight=round(w, 4)) for (f, v), w in state.tastes.items()],
        seen=[item_name(i, catalog) for i in sorted(state.seen)],
        rejected=[item_name(i, catalog) for i in sorted(state.rejected)],
        interests=[
            InterestView(
                name=found.name,
                share=round(found.share, 4),
                items=[item_name(i, catalog) for i in found.item_ids],
            )
            for found in recommender.interests(context)
        ],
    )


def corrected(context: UserContext, edit: BeliefsEdit, recommender: Recommender) -> UserContext:
    """The context after a correction.

    Raises:
        RequestError: it drops a constraint that is not there.
        UnknownItemError: it has an attitude to an item that the catalog does not have.
    """
    there = range(len(context.constraints))
    for place in edit.drop_constraints:
        if place not in there:
            raise RequestError(f"there is no constraint {place}", hint=f"there are {len(there)}, from 0")
    kept = tuple(c for place, c in enumerate(context.constraints) if place not in edit.drop_constraints)
    state = context.state
    for item_id, attitude in edit.attitudes.items():
        state = with_attitude(state, recommender.catalog.item(item_id).id, attitude)
    facets, told = dict(state.facets), dict(state.told)
    for facet in edit.facets:
        key = (facet.field, facet.value)
        facets.pop(key, None)
        told.pop(key, None)
        if facet.weight:
            facets[key], told[key] = facet.weight, state.turn
    state = replace(
        state,
        facets=facets,
        told=told,
        seen=state.seen - set(edit.unsee),
        rejected=state.rejected - set(edit.unreject),
    )
    wish = context.wish if edit.wish is None else edit.wish.strip()
    return context.with_(state=state, constraints=kept, wish=wish)
