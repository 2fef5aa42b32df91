"""The plain peer of ``throughput``: a straightforward handler that ignores the cost of the model."""

import argparse
import threading
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from inference.classifier import Classifier
from labels.schema import Listing


def serve(port: int, bundle: Path) -> None:
    """Run the server until it is stopped."""
    app, classifier, lock = FastAPI(), Classifier(bundle), threading.Lock()

    @app.get("/readyz")
    def ready() -> str:
        return "ready"

    @app.post("/v1/classify")
    def classify(body: dict[str, Any]) -> list[dict[str, Any]]:
        listings = [Listing(id=item["id"], description=item["text"]) for item in body["listings"]]
        with lock:
            return [found.model_dump(mode="json") for found in classifier.classify(listings)]

    uvicorn.run(app, port=port, log_level="error")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--bundle", type=Path, required=True)
    chosen = parser.parse_args()
    serve(chosen.port, chosen.bundle)
