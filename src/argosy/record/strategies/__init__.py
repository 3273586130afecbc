"""The career of each strategy: its stage, who moved it there on what evidence, and every trial that was run on it.

Takes facts of the book and the move somebody asks for; gives the stage, what is allowed next, and the count of trials.
Refuses moves that the stage does not allow, promotions that one person asks for and approves, and counts nobody ran.
"""
