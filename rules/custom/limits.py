"""What custom rules may cost, in one place: each limit with the arithmetic behind it."""

from __future__ import annotations

from typing import Final

# Rules of one rule set: each adds 60 to 150 µs to a payment that it looks at (measured on a busy machine, where folding
# the payment takes 100), so fifty on payments would slow a worker many times over: they are for few and for trials.
CUSTOM_RULES_MAX: Final = 50
# Rules kept compiled beyond the rule sets that hold them: the rules of two versions, so that a new version finds those
# unchanged that it keeps. One with parameters of its own takes 200 kB.
LANGUAGES_MAX: Final = 2 * CUSTOM_RULES_MAX
# Rules that ask for today's date are judged anew each day on every live subject of their kind: at 100 µs and 100,000
# lines in a partition ten seconds of its daily tick for each such rule.
DAILY_RULES_MAX: Final = 5
# A condition that people can read on one screen. It also bounds what an evaluation can cost, since nothing loops.
EXPRESSION_CHARACTERS_MAX: Final = 1_000
# Names, values and operators: some thirty comparisons. The parser itself refuses more than 32 levels of nesting.
EXPRESSION_NODES_MAX: Final = 200
# Facts are fetched one by one (about 1 µs each), whether the expression comes to them or not.
FACTS_MAX: Final = 24
# Windows go through the days on which something was paid, which costs most of all.
WINDOWS_MAX: Final = 4
# Three years: what is paid in a budget year and carried over after it.
WINDOW_DAYS_MAX: Final = 1_100
# So that all of them fit into an alert record, which shows them.
PARAMETERS_MAX: Final = 20
PARAMETER_CHARACTERS_MAX: Final = 1_000
# What a message shows of one fact: any text of the wire as it is, of a long list the beginning.
SHOWN_CHARACTERS_MAX: Final = 2_000
# A message is one paragraph of an alert.
MESSAGE_CHARACTERS_MAX: Final = 500
# Lines of one quota or project that a rule adds up: about 2 µs each, so 1 ms at most with each payment.
LINES_MAX: Final = 500
# Days with payments that a window goes through: at 50 ns each 1 ms.
PAID_DAYS_MAX: Final = 20_000
# What follows custom_ in a rule's id, and how parameters and windows are called: labels and columns, not sentences.
ID_CHARACTERS_MAX: Final = 50
NAME_CHARACTERS_MAX: Final = 41
# Names of a rule stand in one line of lists.
TEXT_CHARACTERS_MAX: Final = 200
# Clauses that a rule rests on, each cited with document and number: every alert carries all of them.
CLAUSES_MAX: Final = 10
CLAUSE_CHARACTERS_MAX: Final = 300
# Entries of a parameter that is a list of texts: each alert carries all of them.
TEXTS_MAX: Final = 100
# A number of a parameter: what every reader of JSON holds exactly.
NUMBER_MAX: Final = 9_007_199_254_740_991
# Of the library's words on a failure: they may hold a value of any length.
DETAIL_CHARACTERS_MAX: Final = 200
