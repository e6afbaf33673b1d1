"""`mapforge new`: raw events → a vendor's folder that compiles and passes its own test.

samples reads them, envelope and person guess who says what, attributes and contract infer the rest, writing makes
YAML of it, and make puts all of it in place or nothing.
"""
