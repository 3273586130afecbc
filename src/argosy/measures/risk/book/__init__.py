"""How large is the risk of what a book holds, what adds to it, what moved it, and which limits does it keep?

Takes valued positions, prices and rates of a book; gives frozen results whose parts sum to the whole, and their tables.
Refuses instruments without a history or an explicit proxy, and histories too short for the model that is asked for.
"""
