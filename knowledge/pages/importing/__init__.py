"""Bring a folder of Markdown files into a project.

`scan` reads the folder, `texts` one file, `links` rewrites what a text points at,
`write` compares with what is there and writes, `report` tells what happened.
"""
