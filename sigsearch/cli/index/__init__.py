"""The commands of `sigsearch index`."""
