"""What the words mean."""

import streamlit as st

from ketadash.ui import glossary

st.title("What do the words mean?")
glossary.listed(glossary.search())
