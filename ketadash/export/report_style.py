"""The report's look on screen and on A4 or Letter paper; always light, as paper is."""

from __future__ import annotations

from ketadash.questions.shared import theme

INK = theme.LIGHT
PRINT_PX = 680  # as wide as both A4 and Letter have room for at 96 px an inch

CSS = f"""
:root {{ color-scheme: light; }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; max-width: 60rem; padding: 2rem 1.5rem 4rem; background: {INK.paper}; color: {INK.text};
  font: 16px/1.5 {theme.FONT}; overflow-wrap: break-word; }}
h1 {{ font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; }}
h2 {{ font-size: 1.3rem; margin: 2.5rem 0 .5rem; }}
h3 {{ font-size: 1rem; margin: 1.5rem 0 .3rem; }}
p {{ margin: .4rem 0; max-width: 46rem; }}
a {{ color: #005a91; }}
nav ol {{ margin: .3rem 0 1rem; padding-left: 1.5rem; columns: 2; column-gap: 2rem; }}
.answer {{ font-size: 1.1rem; }}
.badge {{ display: inline-block; border: 1px solid #8a4b00; color: #8a4b00; border-radius: .3rem; padding: .1rem .5rem;
  font-weight: 600; }}
.quiet, figcaption, caption, dd {{ color: {INK.muted}; }}
.doubt {{ border-left: 3px solid #8a4b00; padding-left: .7rem; }}
figure {{ margin: 1.2rem 0; }}
figcaption {{ font-size: .85rem; max-width: 46rem; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: .85rem; margin: .3rem 0 1rem; width: 100%; }}
caption {{ text-align: left; padding: .3rem 0; font-weight: 600; color: {INK.text}; }}
th, td {{ text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid {INK.grid}; }}
thead th {{ border-bottom: 1.5px solid {INK.text}; font-weight: 600; }}
table tr:last-child td {{ border-bottom: 1.5px solid {INK.text}; }}
table {{ border-top: 1.5px solid {INK.text}; font-variant-numeric: tabular-nums; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; font-size: .85rem; }}
dt {{ font-weight: 600; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
.references {{ font-size: .85rem; }}
.plot {{ width: 100%; overflow: hidden; }}
@media (max-width: 640px) {{
  nav ol {{ columns: 1; }}
  dl {{ grid-template-columns: 1fr; }}
}}
@page {{ margin: 16mm 15mm 18mm; }}
@media print {{
  body {{ padding: 0; max-width: none; font-size: 10pt; }}
  h1 {{ font-size: 17pt; }}
  h2 {{ font-size: 13pt; }}
  a {{ color: inherit; text-decoration: none; }}
  section.part {{ break-before: page; }}
  section.part:first-of-type {{ break-before: auto; }}
  section.part h2 {{ margin-top: 0; }}
  h2, h3, caption {{ break-after: avoid; }}
  figure, tr, .keep {{ break-inside: avoid; }}
  thead {{ display: table-header-group; }}
  table, figcaption, dl, .references {{ font-size: 8.5pt; }}
  .scroll {{ overflow: visible; }}
  .modebar {{ display: none; }}
  .plot {{ width: {PRINT_PX}px; }}
}}
"""
