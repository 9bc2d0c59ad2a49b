"""What connector does, one function each; everything it needs is passed in."""
