"""What decided deals tell: rates, sizes, cycles, and what is reached of targets."""
