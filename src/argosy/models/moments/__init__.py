"""Means and covariances of returns, and how sure they are.

Takes periodic returns (T, N) and gives vectors, matrices and factor-structured covariances that are never made dense.
Refuses too few observations, missing values without a rule, and matrices that are no covariances.
"""
