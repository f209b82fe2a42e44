"""The documentation, and the program that draws its pictures from the code."""
