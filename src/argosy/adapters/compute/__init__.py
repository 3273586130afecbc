"""Who works on shards: this process, processes of this machine, or a Dask cluster.

Takes a task and the numbers of its shards; gives the results in the order of the numbers, whoever made them.
Refuses to go on where a shard fails, naming it; a worker that dies is replaced and its shards are done again.
"""
