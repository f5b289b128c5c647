"""Words of the Data page: what each file and column is for, and what it unlocks."""

from __future__ import annotations

from dataclasses import dataclass

PROMISE = (
    "Drop the file you have, in the shape you have it. It stays in this session's memory on the computer that runs "
    "ketadash: never on its disk, in a log or in the link, and gone when you close the page or press Forget this trial."
)
LABEL = "A file of participant-days, or all files of one trial together"
FORMATS = (
    "CSV, Excel, OpenDocument, SAS, SPSS, Stata, Parquet, R; gzip and zip of these. One row per participant and day, "
    "one row per participant with a column a day, calendar dates, an ADaM pair, or days of use only."
)
REAL_TRIAL = "A real trial"
REAL_TRIAL_HELP = (
    "X:BOT, public data of 570 real people: naltrexone or buprenorphine-naloxone for opioid use disorder, 24 weeks."
)
CHANGE = "Is something read wrongly? Change it here"
QUESTIONS_SAY = (
    "This file can be read in more than one way, and the numbers differ. Under each answer stands what the file then "
    "gives. Nothing is analysed before you have answered."
)
ANSWER, ASK_AGAIN, ANSWER_ON_DATA_PAGE = "Use these answers", "Ask again", "Answer on the Data page"
CHOOSE_FIRST = "Choose an answer first."
PROVISIONAL = "What stands here and below is a first guess until you have answered; nothing of it is analysed."
SEE_RESULTS = "See the results"
FORGOTTEN = "Your file is kept in memory only and was forgotten when the page was reloaded: load it again"
LOAD_AGAIN, NOT_LOADED = "Load your file again", "Your file is not loaded"
CHOICES_STAY = "Your choices are kept, and the same file is then read as before."
NO_DAILY = (
    "**No column of daily amounts was recognised.** Choose it here, under *Daily amount, or yes/no*, and say what is "
    "counted; or, for this visit only, under *More choices*."
)
TOO_LONG = (
    "How these files are read is too long for a link: send recipe.toml from the Data page with it, to be dropped "
    "beside the data"
)
RECOGNISE = "as recognised"
FILES = {"days": "days", "participants": "participants", "visits": "visits", "adverse_events": "adverse events"}
FIELDS = {
    "shape": ("A row is", "What one row of the days stands for."),
    "days": ("Participant-days from", "Several sheets or files are one an arm, or one below the other."),
    "participants": ("Participants from", "One row a participant: arm, sex, baseline, dates."),
    "visits": ("Visits from", "One row a participant and visit."),
    "adverse_events": ("Adverse events from", "One row an event."),
    "parameter": ("Parameter (PARAMCD)", "Which parameter of the CDISC data set is the daily outcome."),
    "outcome": ("The daily column says", "Amounts, or yes and no."),
    "start_date": ("Treatment started on", "If on one date for everybody, such as 2024-03-01."),
    "start_day": ("That day is day", "The day after it is one more."),
    "date_order": ("03/04/2024 is", "Which comes first in dates written with numbers."),
    "decimal": ("Decimals are written with", "Told apart column by column unless you say."),
    "unknown": ("Codes that mean not known", "Values of the daily column, separated by spaces, such as -9 99."),
    "unit": (
        "Amounts are in",
        "Sets what a heavy drinking day is, unless More choices says otherwise.",
    ),
    "substance": ("Substance, if not alcohol", "Such as opioids; for the words on the pages."),
    "arms": ("Arms by other names", "One a line: name in the file = name meant. Two spellings become one arm."),
}
SHAPES = {
    "long": "one participant and day",
    "wide": "one participant, a column a day",
    "use days": "one day of use (other days are days of none)",
}
OUTCOMES = {"amount": "an amount", "use": "yes or 1 = used", "abstinent": "yes or 1 = did not use"}
ORDERS = {"day first": "3 April", "month first": "March 4"}
MARKS = {"point": "a point (1.5)", "comma": "a comma (1,5)"}
COLUMNS = {
    "participant_id": "Participant",
    "arm": "Arm",
    "day": "Day number",
    "date": "Date of the day",
    "start": "Date treatment started",
    "end": "End of follow-up",
    "amount": "Daily amount, or yes/no",
    "sex": "Sex",
    "baseline": "Baseline",
    "etg_positive": "EtG test",
}


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What a file or column makes possible: `role` and, within it, `column` (None: the file itself)."""

    role: str
    column: str | None
    gives: str


UNLOCKS = (
    Unlocked("days", "sex", "heavy days by each sex's threshold (without it, everybody has the men's)"),
    Unlocked(
        "days", "baseline", "models adjusted for use before treatment; computed if the file has days before day 0"
    ),
    Unlocked("days", "etg_positive", "days reported abstinent before a positive urine test counted as days of use"),
    Unlocked("participants", None, "people who never reported a day are counted; Table 1 has their characteristics"),
    Unlocked("participants", "dropout_reason", "why people left, in the CONSORT diagram"),
    Unlocked("participants", "received", "who received the allocated treatment, in the CONSORT diagram"),
    Unlocked("visits", None, "craving, stress and other measures by week, with a test of the difference"),
    Unlocked("adverse_events", None, "adverse events by arm with exact tests"),
)


def what(unlocked: Unlocked) -> str:
    """The file, or the column in it."""
    file = FILES[unlocked.role]
    return f"a file (or sheet) of {file}" if unlocked.column is None else f"`{unlocked.column}` in {file}"


def other_data(sha256: str, title: str, *, recognised: bool = False) -> str:
    """A link that was made with data which are not the ones shown; `recognised`: which are not read as it says."""
    if recognised:
        return (
            f"This link was made with other data, or with these read in another way (fingerprint {sha256}…); what you "
            f"see is {title}, read as recognised and not as the link says. The Data page asks which you want"
        )
    return (
        f"This link was made with other data, or with these read in another way (fingerprint {sha256}…); what you see "
        f"is {title}. Load that trial's file on the Data page to see what the sender saw: a link never carries data"
    )


UNNAMED_DATA = (
    "This link says how to read a file, but not which file. Yours is read as recognised and not as the link says. The "
    "Data page asks which you want"
)
FOLLOW_LINK = (
    "**This link was made with other data, or with these read in another way.** It says how a file is to be read "
    "(below). Your file is read as "
    "recognised. Follow the link only if you know who made it: names of arms can be exchanged in it."
)
OTHER_LINK = (
    "**This link was made with other data, or with these read in another way.** You do not see what its maker saw."
)
AS_RECOGNISED, AS_THE_LINK = "Keep it as recognised", "Read my file as the link says"


def waiting(ahead: int) -> str:
    """While a file waits for others to be read."""
    others = "1 other file is" if ahead == 1 else f"{ahead} other files are"
    return f"{others} being read first. Yours is read as soon as the server has memory for it."


def questions_title(n: int) -> str:
    """The heading above the questions."""
    return "One question first" if n == 1 else f"{n} questions first"


def before_anything(title: str, n: int) -> str:
    """In place of results, while questions are open."""
    what = "a question must be answered" if n == 1 else f"{n} questions must be answered"
    return f"Before anything of **{title}** is analysed, {what}:"


def answer_to(number: int | None) -> str:
    """What a screen reader calls the answers to a question: the one there is, or one of several by its number."""
    return "Your answer" if number is None else f"Your answer to question {number}"


def open_instead(title: str | None) -> str:
    """The way on without the file that was forgotten: the sample (no title), or what the app was started with."""
    return "Open the sample trial instead" if title is None else f"Open {title} instead"
