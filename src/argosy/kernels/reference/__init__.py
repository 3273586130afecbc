"""The slow twins: plain Python that defines what each compiled kernel has to give, bit for bit.

Takes and gives the same columns as the kernels; small work uses them to spare loading the compiler.
Refuses cleverness: they are read by people.
"""
