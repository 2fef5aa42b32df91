import json
import sys
from pathlib import Path

from .measure import measure, pages

texts = [
    json.loads(line)["text"] for name in sys.argv[1:] for line in Path(name).read_text("utf-8").splitlines()
]
result = measure(pages(texts))
print(result.table())
print("\n".join(result.missed))
