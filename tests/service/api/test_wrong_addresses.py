"""What a browser and a program get for an address that does not exist."""

from fastapi.testclient import TestClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_browser_gets_a_page_in_thai_and_english(client: TestClient) -> None:
    for method, path, status in (("GET", "/no-such-page", 404), ("GET", "/queue/views", 405)):
        answer = client.request(method, path, headers=BROWSER)
        assert (path, answer.status_code) == (path, status)
        assert answer.headers["content-type"].startswith("text/html")
        assert "ดำเนินการไม่ได้" in answer.text
        assert 'lang="en"' in answer.text


def test_a_program_and_the_api_get_a_problem_document(client: TestClient) -> None:
    for path, headers in (("/no-such-page", {}), ("/v1/no-such-route", BROWSER), ("/queue/views", {})):
        answer = client.get(path, headers=headers)
        assert answer.headers["content-type"] == "application/problem+json", path
