"""Names of speakers that say a role, in the usual languages of transcripts, and names of one person.

Names are compared without regard to case, accents, punctuation, numbers at their end and what is in brackets.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from imigue_build.core.records import Role

_BESIDE_OTHERS: Final[dict[Role, str]] = {
    "interviewer": """
        interviewer interviewerin reporter reporterin journalist journalistin moderator moderatorin fragesteller
        fragestellerin presenter correspondent journaliste intervieweur intervieweuse moderateur moderatrice animateur
        animatrice presentateur presentatrice periodista entrevistador entrevistadora reportero reportera moderador
        moderadora presentador presentadora giornalista intervistatore intervistatrice moderatore conduttore conduttrice
        presentatore jornalista apresentador apresentadora verslaggever verslaggeefster presentator
    """,
    "interviewee": """
        interviewee interviewees respondent interviewte interviewter interviewpartner interviewpartnerin befragte
        befragter interviewe repondant repondante entrevistado entrevistada intervistato intervistata geinterviewde
    """,
}
"""Words that are no one's surname: they count beside other words, as in `BBC reporter` and `Interviewer Jane Doe`."""
_ALONE: Final[dict[Role, str]] = {
    "interviewer": """
        question questions host press media anchor floor int from_the_floor question_from_the_floor press_officer
        media_officer press_conference frage fragen enqueteur enqueteuse pregunta preguntas domanda domande pergunta
        perguntas vraag vragen
    """,
    "interviewee": """
        answer answers response player tennis_player athlete guest participant subject antwort antworten spieler
        spielerin gast sportler sportlerin teilnehmer teilnehmerin proband probandin reponse reponses joueur joueuse
        invite invitee enquete enquetee respuesta respuestas jugador jugadora tenista invitado invitada participante
        deportista risposta risposte giocatore giocatrice tennista ospite atleta resposta respostas jogador jogadora
        convidado convidada antwoord antwoorden speler speelster deelnemer atleet
    """,
}
"""Words that say a role only where they are the whole name: people are called Gary Player and Christen Press."""
_ROLE_WORDS: Final[dict[str, Role]] = {word: role for role, text in _BESIDE_OTHERS.items() for word in text.split()}
_ROLE_NAMES: Final[dict[str, Role]] = {name: role for role, text in _ALONE.items() for name in text.split()}
_LETTERS: Final = {"de": "fa", "fr": "qr", "es": "pr", "pt": "pr", "it": "dr", "nl": "va"}
"""By language the letters of questions and answers; `q` and `a` are those of every language."""
_ARTICLES: Final = frozenset(
    {*("the", "a", "an", "der", "die", "das", "ein", "eine", "le", "la", "les", "l", "un", "une", "el", "los", "las")}
    | {*("il", "lo", "o", "os", "as", "um", "uma", "de", "het", "een")}
)
_UNKNOWN: Final = frozenset(
    {"male", "female", "unknown", "unidentified", "unnamed", "another", "first", "second", "main"}
)
_BRACKETS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_TOKEN: Final = re.compile(r"[^\W\d_]+")
_FEWEST: Final = 2
"""Letters of a part of a name that says more than an initial."""


def roles_of(names: Iterable[str], language: str) -> dict[str, Role]:
    """The names of one file that say a role, with the role.

    Single letters do only as a pair, as `Q` and `A`, or where `Q` is beside names: in a file of A, B and C they are
    speakers.

    Args:
        names: All that the file has.
        language: ISO 639-1 code of what is said.

    >>> roles_of(["Q", "THE MODERATOR", "NOVAK DJOKOVIC"], "en")
    {'Q': 'interviewer', 'THE MODERATOR': 'interviewer'}
    >>> roles_of(["Frage 1", "Antwort", "Gary Player"], "de")
    {'Frage 1': 'interviewer', 'Antwort': 'interviewee'}
    """
    tokens = {name: _tokens(name) for name in names}
    letters = _letters({own[0] for own in tokens.values() if _is_letter(own)}, language)
    found: dict[str, Role] = {}
    for name, own in tokens.items():
        inside = (_role(_tokens(part[1:-1])) for part in _BRACKETS.findall(name))
        role = letters.get(own[0]) if _is_letter(own) else _role(own) or next(filter(None, inside), None)
        if role is not None:
            found[name] = role
    return found


def is_named(name: str, person: str) -> bool:
    """Whether a name may be a person's: the whole name in any order, the surname or first name, and initials.

    >>> is_named("R. NADAL", "Nadal Parera, Rafael"), is_named("Đoković", "Novak Djokovic"), is_named("N", "Novak")
    (True, True, False)
    """
    given, known = (_TOKEN.findall(_folded(text)) for text in (name, person))
    shorter, longer = sorted((given, known), key=len)
    rest = list(longer)
    whole = [part for part in shorter if len(part) >= _FEWEST]
    if not whole or not all(part in rest for part in whole):
        return False
    for part in whole:
        rest.remove(part)
    return all(any(other.startswith(part) for other in rest) for part in shorter if len(part) < _FEWEST)


def _letters(letters: set[str], language: str) -> dict[str, Role]:
    """What the single letters among the names of a file mean."""
    for pair in ("qa", _LETTERS.get(language, "qa")):
        if letters == set(pair):
            return {pair[0]: "interviewer", pair[1]: "interviewee"}
    return {"q": "interviewer"} if letters == {"q"} else {}


def _role(tokens: list[str]) -> Role | None:
    said = {_ROLE_WORDS[token] for token in tokens if token in _ROLE_WORDS}
    return said.pop() if len(said) == 1 else _ROLE_NAMES.get("_".join(tokens))


def _is_letter(tokens: list[str]) -> bool:
    return len(tokens) == 1 and len(tokens[0]) == 1


def _tokens(name: str) -> list[str]:
    """The words of a name, without articles and what numbers its bearer: `Interviewer 2`, `Reporter B`."""
    found = _TOKEN.findall(_folded(name))
    while len(found) > 1 and (found[0] in _ARTICLES or found[0] in _UNKNOWN):
        del found[0]
    if len(found) > 1 and len(found[-1]) == 1:
        del found[-1]
    return found


def _folded(name: str) -> str:
    """In lower case, without accents and what is in brackets."""
    bare = _BRACKETS.sub(" ", name)
    plain = bare if _TOKEN.search(bare) else name  # `(Q)`
    letters = unicodedata.normalize("NFKD", plain.casefold().replace("đ", "dj").replace("ø", "o").replace("ł", "l"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
