"""What ``argus doctor`` looks at: one small function per check, which returns what it found and what to do about it.

``machine`` looks around here, ``clock`` at clocks, ``stores`` at where the server keeps data, ``server`` at how it is
reached, ``mail`` at the mail server, ``client`` at what a program needs that reports. What can be told from facts alone
is a pure function. ``argus/cli/doctor.py`` says which checks there are, in which order.
"""
