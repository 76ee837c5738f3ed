"""Invented names. None is looked up anywhere: they are chains of syllables."""

from __future__ import annotations

import numpy as np

_START = (
    "A An Al Ar Be Bo Bra Ca Cha Chri Da De Do El Em Er Fa Fe Fra Ga Ge Gra Ha He Ho Hu I Is Ja Jo "
    "Ju Ka Ke Ko La Le Li Lo Ma Me Mi Mo Na Ne Ni No O Ol Pa Pe Phi Po Qui Ra Re Ro Ru Sa Sha Si So "
    "Ste Su Ta Te Tho Ti To U Va Ve Vi Wa We Wi Xa Ya Yo Za Ze"
).split()
_MIDDLE = (
    "ba be bi bra ca ce chi da de di do dri fe ga ge gi ha ja ka ke ki la le li lo ma me mi mo na ne "
    "ni no nu pa pe pi que ra re ri ro sa se shi si so sta su ta te ti to tri tu va ve vi wa xi ya za"
).split()
_END = (
    "a am an and ar as ck d el ell en er es ett ey field ford ham i ia ich ier in ing is it ka ke l "
    "ld ley ll low ly m man mer n nd ne ner ng nt o on or ow r re rd rs rt s sen ski son ss st "
    "t th ton tt u va vic ville well wood x y z"
).split()


def invent_name(rng: np.random.Generator, longest: int = 3) -> str:
    """One capitalised word of one to `longest` syllables and an ending."""
    middle = "".join(str(rng.choice(_MIDDLE)) for _ in range(int(rng.integers(0, longest))))
    return f"{rng.choice(_START)}{middle}{rng.choice(_END)}"


def invent_signature(rng: np.random.Generator) -> tuple[str, ...]:
    """The words that a Latin signature is made of, from initials to two full names."""
    given, family = invent_name(rng, 2), invent_name(rng)
    middle = f"{rng.choice(list('ABCDEFGHJKLMNPRSTVW'))}."
    forms = (
        (given, family),
        (f"{given[0]}.", family),
        (f"{given[0]}.", middle, family),
        (given, middle, family),
        (family,),
        (given,),
        (given[0] + family[0],),
        (given[0] + family,),
    )
    weights = (0.26, 0.17, 0.1, 0.08, 0.12, 0.1, 0.07, 0.1)
    return forms[int(rng.choice(len(forms), p=weights))]
