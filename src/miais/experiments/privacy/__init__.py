"""How much an attacker learns from containers: one with a recogniser, with pairs, the cover, or the weights."""
