from __future__ import print_function
WINDOW=7
WINDOW_PADDING=3
VERSION='v1'
