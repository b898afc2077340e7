"""What form an article has, told by the words of its title and abstract: so far, whether it is a survey."""

from __future__ import annotations

import re

FORM = "form"
SURVEY = "survey"

_KINDS = (
    "literature systematic scoping critical comprehensive narrative mapping technical brief short structured"
    r" taxonomic mini state\Wof\Wthe\Wart in\Wdepth holistic unified selective bibliometric historical"
    " methodological interdisciplinary multidisciplinary thorough extensive timely focused first recent"
    " concise rapid umbrella opinionated"
)
_KIND = rf"(?:(?:{'|'.join(_KINDS.split())})[-, ]+(?:and )?)"
_NO_FORM = (
    r"(?![- ]*(?:data|respon|question|research|simulat|design|panel|experiment|instrument|tool|item|among"
    r"|methodolog|based|driven|protocol|process|system|(?:study )?(?:of|with) \d))"
)
_START = r"(?:^|[:.?!–—-]\s*)"
_TITLE = re.compile(
    rf"(?:{_START}|\b(?:an?|the|{_KIND})\s*){_KIND}*surveys?\b{_NO_FORM}"
    r"|(?<!national )\bsurvey(?:ing)? (?:of|on|and|in|from|for|through|towards?)\b"
    r"(?! (?:practitioners|developers|users|students|participants|experts))"
    rf"|(?<!of a ){_KIND}+(?:literature )?review\b{_NO_FORM}|{_START}(?:an?\s+){_KIND}*review\b{_NO_FORM}"
    rf"|{_START}reviews? (?:of|on)\b|\bSoK\b|{_START}(?:an?\s+){_KIND}*overview\b",
    re.IGNORECASE,
)
_DESCRIPTION = re.compile(
    rf"\b(?:this|our|the present|the) {_KIND}*(?:survey|review)\b(?: (?:paper|article|chapter))?\s+"
    r"(?:\w+ly\s+)?"
    r"(?:aims?|provides|presents|offers|covers|examines|explores|discusses|synthesi[sz]es|summari[sz]es"
    r"|investigates|analy[sz]es|traces|maps|focuses|reviews|introduces|consolidates|delves|highlights"
    r"|identifies|organi[sz]es|categori[sz]es|describes|seeks|concludes)"
    rf"|\b(?:in|through) this {_KIND}*(?:survey|review)\b{_NO_FORM}"
    r"|\bthis (?:paper|article|work|chapter|study|manuscript) (?:\w+ly )?"
    r"(?:surveys|reviews|(?:presents|provides|offers|conducts|delivers|is|gives) (?:an? |the )?"
    rf"{_KIND}*(?:survey|review)\b)"
    r"|\bwe (?:\w+ly |first |also )?(?:present|provide|offer|conduct|give|perform|deliver)(?:ed)? an?"
    rf" {_KIND}+(?:survey|review)\b{_NO_FORM}"
    r"|\bwe \w+ly (?:survey|review) (?:the |recent |existing |current )",
    re.IGNORECASE,
)


def forms(title: str, description: str | None) -> tuple[str, ...]:
    """The forms of an article: ``("survey",)``, also for reviews and overviews of a field, or none."""
    found = _TITLE.search(title) or _DESCRIPTION.search(description or "")
    return (SURVEY,) if found else ()
