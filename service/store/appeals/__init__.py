"""Appeals of platforms and sellers against decisions, and the decisions that answer them."""
