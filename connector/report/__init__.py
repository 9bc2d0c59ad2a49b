"""Results -> Document -> what people and programs read."""
