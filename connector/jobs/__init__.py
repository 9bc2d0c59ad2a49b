"""What connector does, one function each; everything it needs is passed in."""

import connector.store  # noqa: F401  before sqlite-utils is loaded by anybody else
