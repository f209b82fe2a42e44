"""WSGI programs to compare with: peers that do the same job, and ceilings that do as little as can be done."""
