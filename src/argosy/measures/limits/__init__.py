"""What a limit comes to: the number it measures, and the same number as rows and cones for a solver.

Takes limits as the grammar gives them and a universe of names with their attributes; gives numbers and arrays.
Refuses names, groups and attributes that the universe does not have.
"""
