"""The readings of written tokens."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imigue_build.text.marks import without_marks
from imigue_build.text.normalise import normalise, spoken_words
from imigue_build.text.readings import MAX_READINGS, readings, readings_in_context

# token: default / other expected readings. A colon alone means no words.
CASES = """
6-4: six four / six to four
6-3,: six three / six to three
(6-4): six four / six to four
(6-4,: six four
6\u20134: six four / six to four
6\u20144: six four
6\u22124: six four
2-1: two one / two to one
6-0: six zero / six love / six oh / six nil / six to love
0-6: zero six / love six
0-0: zero zero / love all / nil nil / nil all
6-6: six six / six all / six to six
1-1: one one / one all
40-15: forty fifteen
40-40: forty forty / forty all / deuce
30-0: thirty zero / thirty love
30-love: thirty love
love-30: love thirty
15-all: fifteen all
Ad-40: ad forty / advantage forty
40-Ad.: forty ad / forty advantage
7-6(5): seven six five / seven to six five
7-6(5),: seven six five
7-6[5]: seven six five
7-6(0): seven six zero / seven six love
7-6(7-5): seven six seven five / seven six seven to five
10-8: ten eight / ten to eight
[10-8]: ten eight
[7]: seven
6-4,6-3: six four six three
6-4/6-3: six four six three
6-4;: six four
3-1-0: three one zero
5-10: five ten / five to ten
50-50: fifty fifty
2010-2015: twenty ten twenty fifteen / twenty ten to twenty fifteen
1980\u201384: nineteen eighty eighty four / nineteen eighty to eighty four
6:4: six four
1990: nineteen ninety / one thousand nine hundred ninety / one thousand nine hundred and ninety
2019: twenty nineteen / two thousand nineteen / two thousand and nineteen
2019's: twenty nineteens
2005: two thousand five / two thousand and five / twenty oh five
2000: two thousand
2010.: twenty ten / two thousand ten / two thousand and ten
1905: nineteen oh five / nineteen hundred five / nineteen hundred and five
1900: nineteen hundred / one thousand nine hundred
1500: fifteen hundred / one thousand five hundred
1066: one thousand sixty six / ten sixty six
1900s: nineteen hundreds
2000s: two thousands
1990s: nineteen nineties
1990's: nineteen nineties
80s: eighties
'90s: nineties
\u201990s: nineties
0: zero / oh / love / nil
7: seven
21: twenty one
100: one hundred / a hundred
105: one hundred five / one oh five / a hundred and five / one hundred and five / a hundred five
130: one hundred thirty / one thirty / a hundred and thirty
219: two hundred nineteen / two nineteen / two hundred and nineteen
1,000: one thousand / a thousand
1000: one thousand / a thousand
10,000: ten thousand
10,500: ten thousand five hundred
1,234,567: one million two hundred thirty four thousand five hundred sixty seven
12345: twelve thousand three hundred forty five / one two three four five
007: zero zero seven / oh oh seven
1,2,3: one two three
3.5: three point five / three and a half
0.5: zero point five / point five / half / a half
.5: point five / zero point five
6.25: six point two five / six point twenty five
1.05: one point zero five / one point oh five
+1: plus one
-5: minus five / negative five
\u22125: minus five / negative five
50%: fifty percent
100%: one hundred percent / a hundred percent
3.5%: three point five percent / three and a half percent
20\u00b0: twenty degrees
24/7: twenty four seven
9/11: nine eleven
1/2: one half / half / a half
3/4: three quarters / three fourths
2/3: two thirds
7/10: seven ten / seven out of ten
\u00bd: one half / half
1st: first
2nd: second
3rd-round: third round
5th: fifth
5th-ranked: fifth ranked
12th,: twelfth
21st: twenty first
103rd: one hundred third / one hundred and third
100th: one hundredth / a hundredth
1000th: one thousandth
$1: one dollar
$5: five dollars
$100: one hundred dollars / a hundred dollars
$1,000: one thousand dollars
$2.50: two dollars fifty / two dollars and fifty cents / two fifty
$3.5: three point five dollars
$3.5m: three point five million dollars / three and a half million dollars / three point five million
$10bn: ten billion dollars
\u20ac2m: two million euros / two million
\u00a350k: fifty thousand pounds
\u00a5100: one hundred yen
5\u20ac: five euros
US$5: five u s dollars
A$2m: two million australian dollars / two million
#1: number one
#10.: number ten
No.1: number one
No. 1: number one
(No.3): number three
\u21161: number one
No.: no
no.: no
4x: four x / four times
2k: two thousand / two k
1.5m: one point five million / one and a half million / one point five meters
3bn: three billion
10x: ten x / ten times
100mph: one hundred miles per hour / one hundred miles an hour / a hundred miles an hour
130mph: one hundred thirty miles per hour / one thirty miles an hour
200km: two hundred kilometers
200km/h: two hundred kilometers per hour / two hundred kilometers an hour
6ft: six feet / six foot
1ft: one foot
85kg: eighty five kilograms / eighty five kilos
190cm: one hundred ninety centimeters
30min: thirty minutes
6'1": six foot one / six feet one / six one
6\u20191\u201d: six foot one / six one
5'11: five foot eleven / five eleven
6'10",: six foot ten
3D: three d
mp3: mp three
10:30: ten thirty / half past ten
10:05: ten oh five / ten five / five past ten
3:00: three o'clock / three
6:15,: six fifteen / quarter past six
6:45: six forty five / quarter to seven
7pm: seven p m
11am: eleven a m
7:30pm: seven thirty p m
7:00pm: seven p m / seven o'clock p m
p.m.: p m
a.m.: a m
pm: p m
US: us / u s
U.S.: u s
USA: usa / u s a
ATP: atp / a t p
ATP's: atp's / a t p's
WTA,: wta / w t a
ITF: itf / i t f
UK: uk / u k
TV: tv / t v
OK: ok / o k
AT&T: at and t
R16: r sixteen / round of sixteen
Top-10: top ten
U18: u eighteen
COVID-19: covid nineteen
G20: g twenty
Nadal's: nadal's
Nadal\u2019s: nadal's
Williams': williams
O'Connor: o'connor
rock'n'roll: rock'n'roll
don\u2019t: don't
'em: em
uh-huh: uh huh
mm-hmm,: mm hmm
um...: um
Hmm?: hmm
Mr.: mister
Mrs.: missus
Dr.: doctor / drive
St.: saint / street
vs.: versus
etc.: et cetera
v: v / versus
&: and
+: plus
=: equals / equal / is
@: at
half-volley: half volley
tie-break: tie break
drop-shot: drop shot
e-mail: e mail
T-shirt: t shirt
20-year-old: twenty year old
9-to-5: nine to five
and/or: and or
\u015awi\u0105tek: \u015bwi\u0105tek
\u0110okovi\u0107's: \u0111okovi\u0107's
\u4e2d\u56fd: \u4e2d\u56fd
\u0663: three
\u2014:
...:
$:
[laughter]:
[Laughter.]:
(laughs):
(Laughing),:
*laughs*:
(inaudible):
<laugh>:
<unk>:
[inaudible]:
[crosstalk]:
[CROSSTALK]:
{cough}:
[00:12:33]:
[inaudible-5]:
(he): he
(6-4): six four
"""


def _cases() -> list[tuple[str, list[str]]]:
    found = []
    for line in CASES.strip().splitlines():
        token, ways = line.rsplit(":", 1) if line.endswith(":") else line.rsplit(": ", 1)
        found.append((token, [way.strip() for way in ways.split(" / ")]))
    return found


@pytest.mark.parametrize(("token", "ways"), _cases(), ids=lambda value: ascii(value) if isinstance(value, str) else "")
def test_a_token_and_what_it_may_stand_for(token: str, ways: list[str]) -> None:
    found = [" ".join(reading) for reading in readings(token)]
    assert found[0] == ways[0]
    assert set(ways) <= set(found)


def test_the_table_is_large() -> None:
    assert len(_cases()) >= 150


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("He is No. 1 now", "he is number one now"),
        ("No. I said no. 1 more", "no i said number one more"),
        ("Nos. 1 and 2", "numbers one and two"),
        ("I earned $3.5 million.", "i earned three point five million dollars"),
        ("About \u20ac2 billion, or more", "about two billion euros or more"),
        ("a million dollars", "a million dollars"),
        ("[speaking Spanish] yes", "yes"),
        ("Yes (through the interpreter) it is", "yes it is"),
        ("So [Rafael Nadal] won 6-4 [laughter] (laughs), [7-6 6-3]", "so won six four seven six six three"),
        ("[ not closed, so it is said", "not closed so it is said"),
        ("I said (and I mean it) that", "i said and i mean it that"),
    ],
)
def test_neighbouring_tokens_decide(text: str, spoken: str) -> None:
    assert normalise(text) == spoken


def test_readings_in_context_have_alternatives() -> None:
    in_context = readings_in_context(["No.", "1", "$3.5", "million"])
    assert in_context[0] == (("number",), ("no",))
    assert in_context[2] == (("three", "point", "five"), ("three", "and", "a", "half"))
    assert in_context[3] == (("million", "dollars"), ("million",))


@pytest.mark.parametrize("token", ["0-0-0-0-0-0-0-0-0", "1990-1990-1990-1990", "6-0/" * 2000, "105," * 999])
def test_long_tokens_have_few_readings(token: str) -> None:
    assert 1 <= len(readings(token)) <= MAX_READINGS


NUMERIC_TEXT = st.text(alphabet="0123456789.,:-/%$£#&'\"()[]<>*\u2019()nosrtdhkmpxUS½²①٣éßǅΣς\u0301 一", max_size=24)


@given(NUMERIC_TEXT)
def test_numeric_text_has_readings(token: str) -> None:
    assert_readable(token)


@given(st.text(st.characters(codec=None)))
@example("A\u00b4A")
def test_any_token_has_readings(token: str) -> None:
    assert_readable(token)


@given(st.lists(NUMERIC_TEXT, max_size=8))
def test_any_token_sequence_has_readings(tokens: list[str]) -> None:
    in_context = readings_in_context(tokens)
    assert len(in_context) == len(tokens) and all(in_context)


def assert_readable(token: str) -> None:
    found = readings(token)
    assert list(found[0]) == spoken_words(token)
    assert 1 <= len(found) == len(set(found)) <= MAX_READINGS
    spoken = any(letter.isalnum() for letter in without_marks([token])[0])
    if spoken:
        assert all(found)
    elif any(letter.isalnum() for letter in token):
        assert found == ((),)
