"""Which names of speakers say a role, and which may be one person's."""

from __future__ import annotations

import pytest

from imigue_build.text.speaker_names import is_named, roles_of

ASKS, ANSWERS = "interviewer", "interviewee"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "interviewer",
            "Interviewer 2",
            "INTERVIEWER_1",
            "Reporter (BBC)",
            "BBC Sport reporter",
            "Interviewer Jane Doe",
        ),
        *("THE MODERATOR", "Moderator - Jane", "Jane Doe (Interviewer)", "Unidentified Reporter", "Press", "Host", "Q"),
        *(
            "Question 3",
            "Question from the floor",
            "Journaliste",
            "L'intervieweur",
            "Animatrice",
            "Frage",
            "Moderatorin",
        ),
        *("Periodista", "Pregunta 1", "Giornalista", "Domanda", "Repórter", "Pergunta", "Vraag", "Verslaggever"),
    ],
)
def test_names_of_who_asks(name: str) -> None:
    assert roles_of([name, "Novak Djokovic"], "en") == {name: ASKS}


@pytest.mark.parametrize(
    "name",
    [
        *("interviewee", "Interviewee 1", "The Player", "PLAYER_1", "Tennis player", "Guest", "Respondent", "Answer"),
        *("Athlete", "Participant 7", "Interviewé", "Joueuse", "Réponse", "Befragter", "Antwort", "Spielerin"),
        *("Entrevistada", "Respuesta", "Intervistato", "Risposta", "Jogador", "Resposta", "Geïnterviewde", "Antwoord"),
    ],
)
def test_names_of_who_answers(name: str) -> None:
    assert roles_of([name, "Jane Doe"], "en") == {name: ANSWERS}


@pytest.mark.parametrize(
    "name",
    [
        "Gary Player",
        "Christen Press",
        "SPEAKER_00",
        "Speaker 1",
        "spk1",
        "1",
        "",
        "A",
        "Novak",
        "Interviewer, interviewee",
    ],
)
def test_other_names_say_no_role(name: str) -> None:
    assert roles_of([name, "Jane Doe"], "en") == {}


@pytest.mark.parametrize(
    ("names", "language", "found"),
    [
        (("Q", "A"), "en", {"Q": ASKS, "A": ANSWERS}),
        (("Q1", "A1", "Q2"), "en", {"Q1": ASKS, "A1": ANSWERS, "Q2": ASKS}),
        (("Q.", "A.", "THE MODERATOR"), "it", {"Q.": ASKS, "A.": ANSWERS, "THE MODERATOR": ASKS}),
        (("Q", "NOVAK DJOKOVIC"), "en", {"Q": ASKS}),
        (("A", "B", "C"), "en", {}),
        (("Q", "A", "B"), "en", {}),
        (("A", "NOVAK DJOKOVIC"), "en", {}),
        (("P", "R"), "es", {"P": ASKS, "R": ANSWERS}),
        (("P", "R"), "en", {}),
        (("F", "A"), "de", {"F": ASKS, "A": ANSWERS}),
        (("V", "A"), "nl", {"V": ASKS, "A": ANSWERS}),
    ],
)
def test_letters_count_as_a_pair(names: tuple[str, ...], language: str, found: dict[str, str]) -> None:
    assert roles_of(names, language) == found


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Rafael Nadal", "Rafael Nadal"),
        ("RAFAEL NADAL", "Nadal, Rafael"),
        ("Nadal", "Rafael Nadal Parera"),
        ("R. NADAL", "Nadal Parera, Rafael"),
        ("Djokovic", "Novak Đoković"),
        ("Ons Jabeur (TUN)", "Jabeur"),
        ("Serena", "Serena Williams"),
        ("SERENA_WILLIAMS", "Serena Williams"),
    ],
)
def test_one_person_under_two_spellings(name: str, person: str) -> None:
    assert is_named(name, person)


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("V. Williams", "Serena Williams"),
        ("Q", "Quentin Halys"),
        ("SPEAKER_00", "Novak"),
        ("", "Novak"),
        ("Novak", "17"),
    ],
)
def test_other_people(name: str, person: str) -> None:
    assert not is_named(name, person)
