"""The slow twins: the same functions as ``argosy.kernels``, in plain Python integers, with the same bits as result.

They take and give the same arrays as their compiled twins, and serve small work on a cold start.
They refuse nothing: like the kernels they answer with codes.
"""
