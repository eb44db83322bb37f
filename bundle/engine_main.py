"""The first lines of the frozen `chatapp-engine`."""

from chatapp.engine.__main__ import main

main()
