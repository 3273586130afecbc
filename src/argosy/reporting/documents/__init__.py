"""Figures and tables become pages: one self-contained HTML file that needs nothing else to be read or printed.

Takes tables, drawings and words; gives text. Every name in it is written as text, whatever it contains.
Refuses addresses of other hosts: no style sheet, font, picture or script is fetched when the page opens.
"""
