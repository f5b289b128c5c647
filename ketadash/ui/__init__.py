"""The pages' parts; Streamlit is imported here, in pages/ and in app.py alone."""

from importlib.metadata import version

ASSETS = "ketadash.plotly"  # the name under which Streamlit serves plotly's package data
PLOTLY = f"_stcore/bidi-components/{ASSETS}/plotly.min.js"  # below wherever a proxy has put the app
PLOTLY_AS = f"{PLOTLY}?{version('plotly')}"  # as browsers keep it
