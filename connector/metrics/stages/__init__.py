"""What stages do with deals: how long they hold them, and how many of them are won."""
