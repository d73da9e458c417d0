"""Between the sensors of a site and the server: decode, timebase, spool, seal, forward."""
