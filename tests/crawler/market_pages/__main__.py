from .measure import measure, pages

result = measure(pages())
print(result.table())
print("\n".join(result.missed))
