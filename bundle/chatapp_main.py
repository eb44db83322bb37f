"""The first lines of the frozen `chatapp`."""

from chatapp.__main__ import main

raise SystemExit(main())
