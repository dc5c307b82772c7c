"""The metric store in InfluxDB: 1.6 and newer, 2.x, 3 Core.

``engine`` writes with influxdb-client and reads InfluxQL, whose texts ``influxql`` makes. ``connection`` knows what the
versions do differently, ``places`` makes databases or buckets, ``slots`` keeps the points of two instances apart.
"""
