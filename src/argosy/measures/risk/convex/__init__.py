"""How large is a risk that scenarios show, and how does a solver see the same number?

Takes returns of scenarios (T, N) and weights (N,); gives the number, its cones, and lines that never lie above it.
Refuses levels outside 0 to 1 and risks it does not know.
"""
