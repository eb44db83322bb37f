"""One script a claim: what chatapp measures, beside a reference measured in the same run."""
