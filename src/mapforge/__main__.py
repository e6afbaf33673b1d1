"""python -m mapforge."""

from mapforge.cli import main

main()
