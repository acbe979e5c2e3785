"""Words to spoil a claim with: general English, and names and remarks of our own invention."""

from __future__ import annotations

AUXILIARY = (
    "is are was were has have had do does did will would may might could can should must".split()
)
NEGATIONS = "not never no nobody nothing none neither nor".split()
FIRMER = {
    "may": "will",
    "might": "will",
    "could": "will",
    "would": "did",
    "can": "must",
    "should": "must",
    "likely": "certain",
    "unlikely": "certain",
    "probably": "certainly",
    "possibly": "certainly",
    "possible": "certain",
    "expected": "certain",
    "thought": "known",
    "believed": "known",
    "hoped": "promised",
    "suggested": "proved",
    "feared": "knew",
    "if": "because",
}
WEAKER = {
    "will": "may",
    "is": "may be",
    "are": "may be",
    "was": "may have been",
    "were": "might have been",
    "has": "may have",
    "have": "may have",
    "had": "might have",
    "must": "could",
}
MODAL = [*"may might could would can should must will perhaps probably likely unlikely".split()]
OPPOSITES = [
    pair.split("/")
    for pair in (
        "more/less before/after first/last all/some up/down open/closed higher/lower rose/fell "
        "rise/fall won/lost early/late most/least over/under with/without inside/outside new/old "
        "good/bad best/worst big/small high/low long/short north/south east/west left/right "
        "men/women man/woman he/she his/her always/never both/neither public/private buy/sell "
        "next/last night/morning today/tomorrow summer/winter for/against since/until to/from "
        "in/outside by/despite and/or because/although is/was are/were has/had"
    ).split()
]
NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve dozen hundred thousand "
    "twenty thirty forty fifty half quarter third twice".split()
)
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = (
    "January February March April May June July August September October November December".split()
)
UNITS = [
    pair.split("/")
    for pair in (
        "£/€ $/£ €/$ pounds/dollars dollars/euros miles/kilometres kilometres/miles "
        "kilometers/miles metres/feet meters/feet tonnes/kilograms tons/pounds hours/days "
        "days/weeks weeks/months months/years years/months minutes/hours seconds/minutes "
        "day/week week/month month/year year/month hour/minute fortnight/year "
        "percent/points %/‰ litres/gallons acres/hectares degrees/percent"
    ).split()
]
MAGNITUDES = "hundred thousand million billion trillion".split()
FIRST_NAMES = "Albrecht Ignatia Thurstan Philippa Casimir Ottoline Barnaby Leocadia".split()
SURNAMES = "Almqvist Okonedo Brambilla Treharne Vasquez-Lund Nakagawa Pettifer Dubrowski".split()
SPEAKERS = [
    *(f"{first} {last}" for first, last in zip(FIRST_NAMES, SURNAMES, strict=True)),
    "a spokesman for the Northgate Institute",
    "three retired judges",
    "the Global Observatory",
    "Deputy Minister Almqvist",
]
STATUS = "Professor,Sir,Former minister,Acting president,Disgraced,Lieutenant".split(",")
CUES = "thundered,whispered,boasted,swore,had long maintained,let slip,In a sworn affidavit".split(
    ","
)
HEDGES = "conceivably,with some luck,in all probability,purportedly,it is rumoured".split(",")
INVENTED = [
    "and will resign within days",
    "because of a secret report by foreign auditors",
    "after talks with investors from abroad broke down",
    "despite furious protests from neighbours",
    "in a deal said to be worth twelve billion",
    "as prosecutors had warned all along",
    "and nobody has apologised since",
    "while police searched three more houses",
]
ASIDES = [
    "a convicted fraudster",
    "who has since been dismissed",
    "Deputy Minister Almqvist",
    "the disgraced financier",
    "for the third time this year",
    "contrary to earlier reports",
]
