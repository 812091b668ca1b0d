"""``python -m lithoscope.client.cli`` is the ``lithoscope`` command."""

from lithoscope.client.cli import main

main()
