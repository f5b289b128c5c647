"""How each number is computed."""

import streamlit as st

from ketadash.ui import method_panels as believe

PAGES = {
    "Outcomes": "outcomes",
    "Logistic mixed model": "logistic-mixed-model",
    "RSPL": "rspl",
    "Separation and the penalised fit": "separation",
    "Population-averaged curves": "population-average",
    "Degrees of freedom": "containment-df",
    "Time to event": "time-to-event-definitions",
    "Kaplan–Meier": "kaplan-meier",
    "Log-rank": "log-rank",
    "Cox": "cox",
    "Restricted mean": "rmst",
    "Number needed to treat": "nnt",
    "Imputation of missing days": "imputation",
    "Tipping points": "tipping",
    "Specification curve": "specification-curve",
    "Competing risks": "competing-risks",
    "Table 1": "table-1",
    "Participant flow": "participant-flow",
    "Visit measures": "visit-measures",
    "Adverse events": "adverse-events",
    "Dissociation": "cadss",
    "Late follow-up": "follow-up",
    "Printed numbers beside ours": "reproduction",
}

st.title("How is it computed?")
chosen = st.selectbox("Method", list(PAGES), key="method", bind="query-params")
believe.panel(PAGES.get(str(chosen), "outcomes"))
