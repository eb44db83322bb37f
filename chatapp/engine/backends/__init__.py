"""The backends: one loaded model behind one contract."""
