"""Arithmetic on arrays, compiled: what is true of numbers, with no idea of portfolios, files or names.

Takes and gives arrays and plain numbers; every compiled function has a plain-Python twin in ``kernels.reference``.
Refuses nothing by exception: inputs are checked by the floors above, outcomes come back as codes.
"""
