"""Exports people really have: REDCap, one sheet a participant, ids written once, SDTM, ADaM and its flags."""

from __future__ import annotations

import io

import dressed
import numpy as np
import pandas as pd
import pytest
from dated_days import KNOWN, LONG, START, asked, dates, same, unasked
from read_alike import csv

from ketadash.core.errors import DataError
from ketadash.trial import attempt, load

PEOPLE = LONG.drop_duplicates("participant_id")[["participant_id", "arm", "sex"]]


def left_out(trial) -> str:
    return " · ".join(c.message for c in trial.checks if c.name == "left_out")


def repeating(events: bool = True, labels: bool = False) -> pd.DataFrame:
    """A REDCap export: an enrolment row with arm and sex, then a repeating form of days; one person has no day."""
    people = PEOPLE.rename(columns={"participant_id": "record_id", "arm": "randomization_arm"})
    people = people.assign(redcap_event_name="enrolment_arm_1", demographics_complete=2)
    days = KNOWN.rename(columns={"participant_id": "record_id", "day": "tlfb_day", "drinks": "tlfb_drinks"})
    days = days.drop(columns=["arm", "sex"]).assign(
        redcap_event_name="treatment_arm_1", tlfb_complete=2, redcap_repeat_instrument="tlfb"
    )
    days["redcap_repeat_instance"] = days.groupby("record_id").cumcount() + 1
    frame = pd.concat([people, days]).sort_values("record_id", kind="stable")
    columns = [
        "record_id",
        "redcap_event_name",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        "randomization_arm",
        "sex",
        "demographics_complete",
        "tlfb_day",
        "tlfb_drinks",
        "tlfb_complete",
    ]
    frame = frame[columns if events else [c for c in columns if c != "redcap_event_name"]]
    if labels:
        frame.columns = [
            "Record ID",
            "Event Name",
            "Repeat Instrument",
            "Repeat Instance",
            "Randomization arm",
            "Sex",
            "Complete?",
            "TLFB day",
            "TLFB drinks",
            "Complete?",
        ]
    return frame


@pytest.mark.parametrize("events", [True, False])
def test_redcap_says_once_at_enrolment_who_is_in_which_arm(events):
    trial = unasked(csv(repeating(events)))
    assert dict(zip(trial.participants["participant_id"], trial.participants["sex"], strict=True)) == dict(
        zip(PEOPLE["participant_id"], PEOPLE["sex"], strict=True)
    )
    assert not [c for c in trial.participants if c.startswith("redcap_") or c.endswith("_complete")]


def test_redcap_with_labels_has_many_columns_called_complete():
    unasked(csv(repeating(labels=True)))


def test_a_file_of_participants_beside_redcap_gets_what_it_lacks():
    people = PEOPLE[["participant_id", "sex"]].iloc[:-1]
    trial = unasked({"days.csv": csv(repeating()), "participants.csv": csv(people)})
    assert dict(zip(trial.participants["participant_id"], trial.participants["sex"], strict=True)) == dict(
        zip(PEOPLE["participant_id"], PEOPLE["sex"], strict=True)
    )


def test_somebody_with_an_enrolment_row_alone_was_randomised():
    frame = repeating()
    more = frame.iloc[[0]].assign(record_id="S99")
    trial = load(csv(pd.concat([frame, more])))
    assert "S99" in set(trial.participants["participant_id"]) and "S99" not in set(trial.days["participant_id"])
    assert any(c.name == "no_days" for c in trial.checks)
    assert "rows without a day, of other forms" in left_out(trial)


def test_screening_and_enrolment_rows_each_say_something():
    frame = repeating()
    screening = PEOPLE.assign(record_id=PEOPLE["participant_id"], redcap_event_name="screening_arm_1")
    rest = frame.assign(sex=np.nan)
    unasked(csv(pd.concat([screening[["record_id", "redcap_event_name", "sex"]], rest])))


def test_two_arms_for_one_person_in_redcap_are_an_error():
    frame = repeating()
    other = frame.iloc[[0]].assign(randomization_arm="ketamine", redcap_event_name="again_arm_1")
    assert any(c.severity == "error" for c in attempt(csv(pd.concat([frame, other]))).checks)


def test_checkboxes_are_no_days():
    frame = LONG.rename(columns={"participant_id": "record_id"}).drop(columns=["day", "drinks"])
    frame = frame.assign(tlfb_date=dates(), infusion_date=LONG["participant_id"].map(START), tlfb_alc_sd=LONG["drinks"])
    for box in (1, 2, 3, 4):
        frame[f"tlfb_type___{box}"] = (LONG["drinks"] > box).astype(int)
    trial = load(csv(frame.assign(tlfb_complete=2)))
    assert not [c for c in trial.checks if c.severity in ("error", "question")]
    days = trial.days.rename(columns={"standard_drinks": "drinks"})
    same(type("Read", (), {"days": days})())


@pytest.mark.parametrize("event", ["day_{}_arm_1", "study_day_{}_arm_1", "Day {}", "daily_survey_day_{}_arm_1"])
def test_days_in_the_names_of_events(event):
    frame = LONG.rename(columns={"participant_id": "record_id"}).drop(columns="day")
    frame["redcap_event_name"] = LONG["day"].map(event.format)
    enrolled = PEOPLE.rename(columns={"participant_id": "record_id"}).assign(redcap_event_name="baseline_arm_1")
    unasked(csv(pd.concat([enrolled, frame.drop(columns=["arm", "sex"])])))


def test_weeks_and_days_in_the_names_of_events():
    events = LONG["day"].map(lambda d: f"week_{(d - 1) // 7 + 1}_day_{(d - 1) % 7 + 1}_arm_1")
    unasked(csv(LONG.drop(columns="day").assign(redcap_event_name=events)))


def test_arms_as_redcap_numbers_them():
    numbers = LONG["arm"].map({"placebo": 1, "ketamine": 2})
    events = [f"day_{d}_arm_{a}" for d, a in zip(LONG["day"], numbers, strict=True)]
    frame = LONG.drop(columns=["day", "arm"]).assign(redcap_event_name=events)
    trial = attempt(csv(frame))
    days = (trial.trial or trial.provisional).days
    assert dict(zip(days["participant_id"], days["arm"], strict=False)) == dict(
        zip(LONG["participant_id"], numbers.map("arm {}".format), strict=False)
    )
    named = frame.assign(
        redcap_event_name=[f"Day {d} (Arm {a}: {n})" for d, a, n in zip(LONG["day"], numbers, LONG["arm"], strict=True)]
    )
    unasked(csv(named))


def test_a_grid_with_arms_on_another_event():
    grid = dressed.wide(LONG, "tlfb_day{}").rename(columns={"participant_id": "record_id"})
    days = grid.drop(columns=["arm", "sex"]).assign(redcap_event_name="month_1_arm_1")
    first = grid[["record_id", "arm", "sex"]].assign(redcap_event_name="baseline_arm_1")
    unasked(csv(pd.concat([first, days])))


def dictionary() -> bytes:
    columns = [
        "Variable / Field Name",
        "Form Name",
        "Field Type",
        "Field Label",
        "Choices, Calculations, OR Slider Labels",
    ]
    rows = [
        ["record_id", "demographics", "text", "Record ID", ""],
        ["grp", "demographics", "radio", "Treatment <b>group</b>", "1, placebo | 2, ketamine"],
        ["sex", "demographics", "dropdown", "Sex", "0, F | 1, M"],
        ["tlfb_day", "tlfb", "text", "Study day", ""],
        ["q7", "tlfb", "text", "Standard drinks", ""],
    ]
    return pd.DataFrame(rows, columns=columns).to_csv(index=False).encode()


@pytest.mark.parametrize("name", ["days.csv", "export.csv"])
def test_a_data_dictionary_gives_labels(name):
    frame = repeating().rename(columns={"randomization_arm": "grp", "tlfb_drinks": "q7"})
    codes = {"grp": {"placebo": "1", "ketamine": "2"}, "sex": {"F": "0", "M": "1"}}
    frame = frame.assign(**{c: frame[c].map(words) for c, words in codes.items()})
    files = {name: csv(frame), "KET_DataDictionary_2024-05-01.csv": dictionary()}
    trial = load(files)
    same(type("Read", (), {"days": trial.days.rename(columns={"q7": "drinks"})})())
    assert set(trial.participants["sex"]) == {"F", "M"}
    assert load({**files, "KET_DataDictionary_2024-05-01.csv": dictionary() + b"\n"}).sha256 != trial.sha256


def test_ids_on_the_first_row_of_each_block():
    head = ~LONG["participant_id"].duplicated()
    frame = LONG.astype(object)
    frame.loc[~head, ["participant_id", "arm", "sex"]] = ""
    unasked(csv(frame))


def test_an_arm_on_the_first_row_of_each_participant():
    frame = LONG.astype(object)
    frame.loc[LONG["participant_id"].duplicated(), ["arm", "sex"]] = ""
    unasked(csv(frame))


def test_a_start_on_the_first_row_of_each_participant():
    start = LONG["participant_id"].map(START).astype(object)
    start[LONG["participant_id"].duplicated()] = ""
    unasked(csv(LONG.drop(columns="day").assign(date=dates(), infusion_date=start)))


def test_an_id_that_is_missing_here_and_there_is_still_an_error():
    frame = LONG.astype(object)
    frame.loc[[3, 4, 30], "participant_id"] = ""
    assert "participant_id" in {c.name for c in attempt(csv(frame)).checks if c.severity == "error"}


def sheets(columns: list[str]) -> dict[str, pd.DataFrame]:
    return {p: part[columns] for p, part in LONG.groupby("participant_id")}


def test_one_sheet_a_participant():
    unasked(dressed.workbook(sheets(["arm", "day", "drinks"])))
    trial = unasked(dressed.workbook({**sheets(["day", "drinks"]), "Participants": PEOPLE}))
    assert "One sheet or file a participant: 8 participants" in " ".join(line.text for line in trial.lines)


def test_one_file_a_participant():
    unasked({f"{p}.csv": csv(part) for p, part in sheets(["arm", "day", "drinks"]).items()})


def test_one_sheet_a_participant_with_the_arm_above_the_header():
    files = {}
    for p, part in sheets(["day", "drinks"]).items():
        arm = PEOPLE.set_index("participant_id")["arm"][p]
        files[f"{p}.csv"] = f"Subject,{p}\nTreatment group:,{arm}\n\n".encode() + csv(part.fillna(""))
    unasked(files)


def sdtm(frame: pd.DataFrame = LONG) -> dict[str, bytes]:
    """DM and SU of one study: days of none by SUOCCUR, days not asked by SUSTAT, and tobacco besides."""
    dm = PEOPLE.rename(columns={"participant_id": "USUBJID", "arm": "ARM", "sex": "SEX"})
    dm = dm.assign(STUDYID="X1", DOMAIN="DM", ARMCD=dm["ARM"].str[:3], RFSTDTC=dm["USUBJID"].map(START))
    failed = pd.DataFrame([["S99", "Screen Failure", "F", "X1", "DM", "SCRNFAIL", ""]], columns=dm.columns)
    drinks = frame["drinks"]
    su = pd.DataFrame(
        {
            "STUDYID": "X1",
            "DOMAIN": "SU",
            "USUBJID": frame["participant_id"],
            "SUTRT": "ALCOHOL",
            "SUDOSE": drinks.where(drinks > 0),
            "SUDOSU": "DRINK",
            "SUOCCUR": np.where(drinks.isna(), "", np.where(drinks > 0, "Y", "N")),
            "SUSTAT": np.where(drinks.isna(), "NOT DONE", ""),
            "SUDTC": dates(frame),
        }
    )
    return {
        "dm.csv": csv(pd.concat([dm, failed])),
        "su.csv": csv(pd.concat([su, su.assign(SUTRT="TOBACCO", SUDOSE=9)])),
    }


def test_sdtm_demographics_and_substance_use():
    trial = unasked(sdtm())
    assert "S99" not in set(trial.participants["participant_id"])
    assert "rows of other substances (TOBACCO)" in left_out(trial)


def test_sdtm_days_counted_from_1():
    files = sdtm()
    su = pd.read_csv(io.BytesIO(files["su.csv"]), keep_default_na=False)
    su["SUDY"] = [*LONG["day"], *LONG["day"]]
    unasked({**files, "su.csv": csv(su.drop(columns="SUDTC"))})


@pytest.mark.parametrize("how", ["csv", "xpt"])
def test_analysis_flags_are_obeyed_and_said(how):
    pair = dressed.cdisc(LONG)
    drinks = pair["adda"][pair["adda"]["PARAMCD"] == "DRINKS"].assign(ANL01FL="Y")
    unmarked = drinks[drinks["DTYPE"] == ""].iloc[::3].assign(ANL01FL="", AVAL=33.0)
    adsl = pair["adsl"].assign(ITTFL="Y", TRT01P=lambda d: d["TRT01P"].replace("Screen Failure", "placebo"))
    adsl.loc[adsl["USUBJID"] == "S99", "ITTFL"] = "N"
    stray = drinks.iloc[:5].assign(USUBJID="S99", TRTP="placebo", DTYPE="")
    files = {
        f"adsl.{how}": dressed.as_bytes(adsl, how),
        f"adda.{how}": dressed.as_bytes(pd.concat([drinks, unmarked, stray], ignore_index=True), how),
    }
    trial = unasked(files)
    assert "that ANL01FL does not mark" in left_out(trial) and "ITTFL says" in left_out(trial)
    assert "S99" not in set(trial.participants["participant_id"])


@pytest.mark.parametrize("how", ["csv", "xpt"])
def test_aval_without_a_parameter_is_the_amount(how):
    pair = dressed.cdisc(LONG)
    drinks = pair["adda"][(pair["adda"]["PARAMCD"] == "DRINKS") & (pair["adda"]["DTYPE"] == "")]
    plain = drinks.drop(columns=["PARAMCD", "PARAM", "DTYPE"])
    unasked({f"adsl.{how}": dressed.as_bytes(pair["adsl"], how), f"adda.{how}": dressed.as_bytes(plain, how)})


def test_a_date_without_a_start_is_asked_about_in_any_export():
    question = asked(csv(LONG.drop(columns="day").assign(date=dates())), "start", "first date", KNOWN)
    assert "nothing says on which date treatment started" in question.message
    with pytest.raises(DataError, match="question"):
        load(csv(LONG.drop(columns="day").assign(date=dates())))


@pytest.mark.parametrize("by", ["days", "dates"])
def test_records_of_several_days_are_asked_about(by):
    """Runs of one amount written as one record from a start to an end."""
    known = KNOWN.sort_values(["participant_id", "day"]).reset_index(drop=True)
    same_run = (
        known["participant_id"].eq(known["participant_id"].shift())
        & known["day"].diff().eq(1)
        & known["drinks"].eq(known["drinks"].shift())
    )
    run = (~same_run).cumsum()
    ends = known.groupby(run)["day"].agg(["min", "max"])
    rows = known[~same_run]
    su = pd.DataFrame({"USUBJID": rows["participant_id"], "SUTRT": "ALCOHOL", "SUDOSE": rows["drinks"]})
    for name, day in (("SUST", ends["min"]), ("SUEN", ends["max"])):
        days = day.to_numpy()
        if by == "days":
            su[f"{name}DY"] = days
        else:
            su[f"{name}DTC"] = dates(rows.assign(day=days)).to_numpy()
    files = {**sdtm(), "su.csv": csv(su)}
    assert len(su) < len(KNOWN)
    asked(files, "episode", "each day")
