"""What could happen tomorrow, many times over: scenarios of returns drawn from a model, and positions valued in them.

Takes factor structures, margins and a seed; gives blocks of scenarios that are the same bits wherever they are drawn.
Refuses covariances made dense, models without a variance, and instruments without what is needed to value them.
"""
