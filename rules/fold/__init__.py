"""Folding: how each accepted event changes the state of its region (wire.md section 4).

`rules.fold.journal.fold` is the entry; one module per family of objects holds the handlers.
"""
