"""What should we hold: target weights and trades under objectives, limits and costs.

Takes beliefs from models, limits and their numbers from measures, holdings as weights; gives frozen results with proof.
Refuses to judge whether something may be done: that is compliance, which calls the same limit numbers.
"""
