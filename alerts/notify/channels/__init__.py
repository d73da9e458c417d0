"""The doors to providers of messages, one file each."""
