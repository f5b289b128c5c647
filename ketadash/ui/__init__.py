"""The pages' parts; Streamlit is imported here, in pages/ and in app.py alone."""

from ketadash.export import plotly_js

ASSETS = "ketadash.plotly"  # the name under which Streamlit serves plotly.js
PLOTLY = f"_stcore/bidi-components/{ASSETS}/{plotly_js.NAME}"  # below wherever a proxy has put the app
PLOTLY_AS = f"{PLOTLY}?{plotly_js.VERSION}"  # as browsers keep it
