"""How does it look? Results as figures, tables and pages.

Takes results of lower floors; gives figure specifications (plain dictionaries) and documents (text), the same for the
same input. Refuses to fetch anything: what a page shows is inside the page.
"""
