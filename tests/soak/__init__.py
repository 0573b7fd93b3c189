"""The soak: random viewings, planned first and played then, and what became of them held against a witness.

plan (a seed -> what will happen, pure) -> stage (a real mpv, the real plugin, a small Simkl) -> witness
(what mpv itself shows) -> verdict (the witness against Simkl's ledger and our journal, pure). `scripts/soak`
runs it.
"""
