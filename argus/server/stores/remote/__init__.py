"""What the metric stores in engines of their own have in common: InfluxDB's and VictoriaMetrics'.

``store`` is the backend, over an ``engine`` that knows one product's ways of writing and reading. ``lines`` is the line
protocol, ``names`` what hostile names and tags become in it, ``packing`` what sketches become. ``facts`` remembers
delivery marks and the like, ``senders`` tells repeats from news, ``rollups`` fills the 5-minute tier, ``remembered``
holds what charts were answered. ``address``, ``http`` and ``writer`` lead to the engine, ``pipeline`` keeps it busy.
``docs/storage.md`` describes what one holds.
"""
