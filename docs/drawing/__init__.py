"""Small directed graphs as SVG, without a program from outside."""
