"""How deals move, how far people follow the process, and where deals are lost."""
