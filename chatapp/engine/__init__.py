"""The process that runs models: reads requests on stdin, answers with events on stdout."""
