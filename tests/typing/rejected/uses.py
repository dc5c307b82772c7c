"""Uses that a type checker must refuse: each line says with which error."""

import argus

argus.increment(7)  # expect: arg-type
argus.increment("orders", "three")  # expect: arg-type
argus.increment("orders", tags={"shop": 1})  # expect: dict-item
argus.gauge("queue")  # expect: call-arg
argus.counter("orders").add(1)  # expect: attr-defined


@argus.timed("f")
def plain(a: int) -> bool:
    return a > 0


plain("x")  # expect: arg-type
