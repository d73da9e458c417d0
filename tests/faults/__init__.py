"""Kills and hangs of real processes, and the proof that nothing was lost."""
