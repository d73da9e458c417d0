"""`python -m coldchain.cli`: the same as the command `coldchain`."""

from coldchain.cli.main import main

main()
