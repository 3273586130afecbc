"""What was proposed, who decided, what was sent and filled: the life of proposals and their orders, from facts.

Takes facts of the book and the step somebody wants to take; gives the state each proposal and order is in.
Refuses steps that the state does not allow, with the state, who brought it there and what is allowed instead.
"""
