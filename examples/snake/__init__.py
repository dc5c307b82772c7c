"""Snake, watched by Argus: an example of a program that is monitored."""
