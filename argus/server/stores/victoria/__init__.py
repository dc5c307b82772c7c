"""The metric store in VictoriaMetrics: the single node, and the cluster by its URL prefix.

``engine`` writes with influxdb-client and reads PromQL's export, whose texts ``promql`` makes; ``export`` turns answers
into rows. ``recent`` holds what the engine does not show yet. ``routes`` knows the paths of node and cluster.
"""
