"""`python -m benchmarks`: run the scripts and print one table."""

from benchmarks import harness

if __name__ == "__main__":
    raise SystemExit(harness.main())
