"""Runs a slice of a job's tasks on a platform that has Python and no Deno.

The modules do in Python what `lib/engines/local/` does for the command, and have the names of its
files. They need Python 3.8 and its standard library. On the platform, their package is named
`dl_jobs_far_side`, so that it hides no package that the user's code imports.
"""
