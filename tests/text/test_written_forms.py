"""Written forms of every kind, and what is said."""

from __future__ import annotations

import pytest

from imigue_build.text.normalise import normalise
from imigue_build.text.readings import Reading, readings_in_context

# written: default / other ways of saying it
CASES = r"""
inter\u00adnational: international
inter\u200bnational: international
word\u2060joiner: wordjoiner
\ufeffHello\u200e: hello
6ft 1in: six feet one inch
3,5 %: three point five percent
A\u00adTP: atp / a t p
\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645: \u0645\u06cc\u062e\u0648\u0627\u0647\u0645
\u0130pek: ipek
\u0130STANBUL: istanbul
\ufb01nal \ufb02at o\ufb03ce: final flat office
\uff16\uff0d\uff14: six four / six to four
\uff17\uff0d\uff16\uff08\uff15\uff09: seven six five
\uff15\uff10\uff05: fifty percent
\uff21\uff34\uff30: atp / a t p
1\ufe0f\u20e3: one
\u2764\ufe0f you: you
\u0301 yes: yes
don\u02bct: don't
don\u2018t: don't
\u201eJa\u201c \u00aboui\u00bb \u2039si\u203a \u300c\u306f\u3044\u300d: ja oui si \u306f\u3044
\u00bfQu\u00e9? \u00a1s\u00ed!: qu\u00e9 s\u00ed
AT&amp;T: at and t
rock&#39;n'roll: rock'n'roll
no::body wo:::rd: nobody word
A=B: a b
2 + 2 = 4: two plus two equals four / two plus two is four
n\u00ba 1: number one
n\u00b01: number one
n.\u00ba 1: number one
N\u00b0 3: number three
\u2116 1: number one
No. 1: number one / no one
No.1: number one
Nr. 5: number five
num. 7: number seven
the world No 1 now: the world number one now
No 1 knows.: no one knows / number one knows
I won. No 2 players agree: i won no two players agree
#1: number one
# 1: number one
No.1-ranked: number one ranked
Nos. 1 and 2: numbers one and two
seeded [3] or (4): seeded three or four
top-10: top ten
10,000m: ten thousand meters / ten thousand million
1,500m: one thousand five hundred meters
100m: one hundred meters / one hundred million / a hundred meters
10m: ten million / ten meters
1.5m: one point five million / one and a half meters
1.80m: one meter eighty / one eighty / one point eight zero meters / one point eight oh meters
1,80m: one meter eighty / one eighty
1.80 m: one point eight zero meters / one point eight oh m
400 m: four hundred meters
100km/h: one hundred kilometers per hour / a hundred kilometers an hour
100 km/h: one hundred kilometers per hour / a hundred kilometers an hour
5 m/s: five meters per second
185 cm: one hundred eighty five centimeters / one eighty five centimeters
80 kg: eighty kilograms / eighty kilos
6ft 3in: six feet three inches / six foot three inch
6'2": six foot two / six two
26 mi: twenty six miles
2h: two hours
30 min: thirty minutes
250g: two hundred fifty grams
5k: five thousand / five k
20\u00b0: twenty degrees
20\u00b0C: twenty degrees celsius / twenty degrees
20\u00ba: twenty degrees
60/hour: sixty per hour / sixty an hour / sixty a hour
4x4: four by four / four x four
4\u00d7100m: four by one hundred meters
5\u00d7: five x / five times
3 x 3: three by three
3.30pm: three thirty p m / half past three p m
3.30 p.m.: three thirty p m
3:00 pm: three p m / three o'clock p m
3:05 am: three oh five a m
7 am: seven a m / seven am
7 p.m.: seven p m
at 14:30: at fourteen thirty
2:15:30: two fifteen thirty
20 000: twenty thousand
20\u202f000: twenty thousand
20\u00a0500: twenty five hundred / twenty thousand five hundred
20 050: twenty thousand fifty / twenty thousand and fifty
1 000 000: one million
1'000'000: one million / a million
1.000.000: one million
20.000: twenty point zero zero zero / twenty thousand
12,5%: twelve point five percent
1,2,3: one two three
6 100 200: six one hundred two hundred
1/2: one half / a half / half
2 1/2: two and a half
2\u00bd: two and a half
1\u00bd hours: one and a half hours
2\u00be: two and three quarters
3/8: three eight / three over eight
10/10: ten ten / ten out of ten
24/7: twenty four seven
2019/20: twenty nineteen twenty
$3.5m: three point five million dollars / three and a half million / three point five million
$3.5 m: three point five million dollars
$3.5 million: three point five million dollars
$10-million: ten million dollars
$5-10m: five to ten million dollars
$5-$10: five to ten dollars
$1,234.56: one thousand two hundred thirty four dollars fifty six
\u20ac 5: five euros
$ 4 today: four dollars today
5 \u20ac: five euros
1.50 \u20ac: one point five zero euros
50\u00a2: fifty cents
HK$500: five hundred hong kong dollars
\u20bd100: one hundred rubles
\u20a9500: five hundred won
5-10%: five to ten percent / five ten percent
5-10km: five to ten kilometers
3.5-4%: three point five to four percent
5-10 minutes: five to ten minutes / five ten minutes
10\u201315 years: ten to fifteen years
5 %: five percent
\u20135: minus five / negative five
--5: five
555-1234: five five five one two three four
867-5309: eight six seven five three zero nine / eight six seven five three oh nine
1-800-555-1234: one eight zero zero five five five one two three four
007: zero zero seven
+44: plus forty four
3-5pm: three to five p m / three five p m
9am\u20135pm: nine a m to five p m
8:30-9:30: eight thirty to nine thirty
50%-60%: fifty percent to sixty percent
$2-3 million: two to three million dollars
$1m-$2m: one million to two million dollars
$5/hr: five dollars per hour / five dollars an hour
1.000,50: one thousand point five zero
1/3rd: one third
5'10'': five foot ten
5G: five g
100s of 1000s: hundreds of thousands
And II was: and ii was
Vol. II: vol two
6s: sixes / six s
6's: sixes / six s
747s: seven hundred forty sevens / seven forty sevens
the '90s: the nineties
mid-90s: mid nineties
2000s: two thousands
1990-95: nineteen ninety ninety five / nineteen ninety to ninety five
Jan. 5: january five
Sept. 11: september eleven
Jan. said: jan said
Henry VIII: henry the eighth
Henry VIII's wife: henry the eighth's wife
John Paul II: john paul the second
World War II: world war two
Super Bowl XX: super bowl twenty
Chapter IV: chapter four
John Smith III: john smith the third / john smith three
The IV drip: the iv drip / the i v drip
V for Vi: v for vi / versus for vi
6476: six thousand four hundred seventy six / six four seven six / sixty four seventy six
You won 6476.: you won six thousand four hundred seventy six / you won six four seven six
64: sixty four / six four
65: sixty five
60: sixty / six love / six zero
6,476: six thousand four hundred seventy six / six four seven six
6-476: six four hundred seventy six / six four seven six
6.4, 7.6: six point four seven point six / six four seven six
4015: four thousand fifteen / forty fifteen
300: three hundred / thirty love
1530: fifteen thirty
646376: six hundred forty six thousand three hundred seventy six / six four six three seven six
7-6 (5): seven six five
7\u20136\u2075: seven six five
6/4 6/3: six four six three
3...2...1: three two one
3\u20262\u20261: three two one
v3.0.1: v three point zero one
wait\u2026what: wait what
I\u2014I mean\u2014no: i i mean no
yes--no: yes no
well - yes: well yes
me@mail.com: me at mail dot com
www.atptour.com: w w w dot atptour dot com
nike.com/tennis: nike dot com slash tennis
bbc.co.uk: bbc dot co dot uk
end.Then: end then
@rafa: at rafa
#RG19: hashtag rg nineteen / rg nineteen
R&D: r and d
Q&A: q and a
w/ him: with him
w/o him: without him
vs. Mr. St.: versus mister saint / v s mister street
e.g. i.e.: e g i e
Ph.D.: ph d
U.S. Open: u s open
y\u2019all o\u2019clock: y'all o'clock
players\u2019: players
he/she: he she
twenty-first: twenty first
1st-round 2nd: first round second
6:4 6:3: six four six three
76(5): seven six five / seventy six five
7-6\u207d\u2075\u207e: seven six five
6-4 / 6-3: six four six three
15-all, 5-all: fifteen all five all
love-40: love forty
40-A: forty ad / forty advantage
A-40 Ad-40: ad forty ad forty / advantage forty advantage forty
\u0666-\u0664 \u096c-\u096a: six four six four
\u0661\u0660 \u0967\u0966: ten ten
\u0130lker: ilker
cafe\u0301: caf\u00e9
it\uff07s it\u00b4s: it's it's
2005\u201306: two thousand five oh six / two thousand five zero six
the class of '05: the class of oh five / the class of zero five
2024's: twenty twenty fours
1984\u2019s: nineteen eighty fours
1990\u2019s: nineteen nineties
mid-2000s: mid two thousands
2h30: two hours thirty / two hours thirty minutes / two hours and thirty minutes
4h51: four hours fifty one
1h05: one hour five
2h30m: two hours thirty minutes
2hrs 30mins: two hours thirty minutes
9.58s: nine point five eight seconds / nine point fifty eight
10.2s: ten point two seconds
3'26": three twenty six / three minutes twenty six seconds
6ft2: six foot two / six feet two
6 ft. 2 in.: six feet two inches
5 ft 10: five feet ten
Sept 5: september five
Dec 25: december twenty five
May 5th: may fifth
Jan told me: jan told me
12/05/2024: december fifth twenty twenty four / the twelfth of may twenty twenty four
25/12/2023: december twenty fifth twenty twenty three / the twenty fifth of december twenty twenty three
12.05.2024: may twelfth twenty twenty four / the twelfth of may twenty twenty four
2024-05-12: may twelfth twenty twenty four
1m80: one meter eighty / one eighty
1m 80: one meter eighty
1.500m: one thousand five hundred meters
110mH: one hundred ten meters hurdles
80 kgs: eighty kilograms / eighty kilos
20 yds: twenty yards
2L: two liters
2pts: two points
3pt: three points / three point
17yo: seventeen year old
120bpm: one hundred twenty beats per minute
1,5 km: one point five kilometers / one and a half kilometers
1,5 million: one point five million
\u20ac1,5: one point five euros / one and a half euros
3,50\u20ac: three euros fifty
$.50: fifty cents
$2mn: two million dollars
20EUR: twenty euros
20 USD: twenty dollars
5k/day: five thousand per day / five thousand a day
Mt. Everest: mount everest
Sgt. Capt. Lt.: sergeant captain lieutenant
\u00b0really\u00b0: really
\u20ac2.5bn \u00a33m: two point five billion euros three million pounds
35\u00baC 95\u00b0F: thirty five degrees celsius ninety five degrees fahrenheit
12.5%: twelve point five percent
+2 \u22123: plus two minus three
J.J. Wolf: j j wolf
St. Louis Dr. X: saint louis doctor x
the US Open: the us open / the u s open
ATP 250: atp two hundred fifty / a t p two fifty
F1 G20: f one g twenty
U-21 T20: u twenty one t twenty
20-something: twenty something
76ers: seventy six ers
2:03:59: two oh three fifty nine / two hours oh three minutes fifty nine seconds
3:43.13: three forty three point one three / three forty three thirteen
1:05.07: one oh five point zero seven
47.2 s: forty seven point two seconds
1h23 3hrs45: one hour twenty three three hours forty five
21yrs old: twenty one years old
2wks 1wk: two weeks one week
99p: ninety nine p / ninety nine pence
10,000th: ten thousandth
the '00s: the two thousands / the noughties
then-No. 1 ex-No. 2: then number one ex number two
w/out: without
w/o: without / walkover
5ft11: five foot eleven
8:00 a.m.: eight a m
so...yeah: so yeah
well\u2014you know\u2014I: well you know i
\U0001f602 great\U0001f44d\U0001f3fd: great
rock \u2019n\u2019 roll \u2019em: rock n roll em
"""


def _cases() -> list[tuple[str, list[str]]]:
    rows = (line.encode().decode("raw_unicode_escape") for line in CASES.strip().splitlines())
    return [(written, spoken.split(" / ")) for written, spoken in (row.rsplit(": ", 1) for row in rows)]


@pytest.mark.parametrize(
    ("written", "ways"), _cases(), ids=lambda value: ascii(value) if isinstance(value, str) else ""
)
def test_a_written_form_and_the_ways_of_saying_it(written: str, ways: list[str]) -> None:
    assert normalise(written) == ways[0]
    options = readings_in_context(written.split())
    assert [way for way in ways if not _may_be(way.split(), options)] == []


def test_the_table_is_large() -> None:
    assert len(_cases()) >= 150


def test_a_number_that_is_no_score_is_not_read_as_one() -> None:
    assert not _may_be(["six", "five"], readings_in_context(["65"]))
    assert not _may_be(["nine", "nine"], readings_in_context(["99"]))


def _may_be(words: list[str], options: list[tuple[Reading, ...]]) -> bool:
    """Whether some reading of each token gives these words."""
    if not options:
        return not words
    return any(
        words[: len(reading)] == list(reading) and _may_be(words[len(reading) :], options[1:]) for reading in options[0]
    )
