"""Drawing and writing: figures to SVG, tables to Parquet.

Takes specifications and tables; gives bytes and text. Fetches nothing: a specification that names an outside address
fails.
"""
