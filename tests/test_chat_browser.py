"""The chat's page, opened in a real browser, answered by the real model."""

import re
import subprocess
import sys

import pytest

from workshop_lib import paths

SECONDS = 1000  # milliseconds

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address():
    command = [sys.executable, "-u", "-m", "workshop_lib", "chat", "--web", "--port", "0"]
    command += ["--temperature", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=paths.ROOT, encoding="utf-8"
    ) as server:
        try:
            yield re.fullmatch(
                r"smollm2 is at (http://127\.0\.0\.1:\d+)\n", server.stdout.readline()
            )[1]
        finally:
            server.terminate()


@pytest.fixture(params=["light", "dark"])
def page(browser, address, request):
    page = browser.new_page(color_scheme=request.param, viewport={"width": 900, "height": 700})
    page.set_default_timeout(120 * SECONDS)
    page.faults, page.asked = [], []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda line: page.faults.append(line.text) if line.type == "error" else None)
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(address)
    yield page
    page.close()


def say(page, text):
    """Send a message as a user does, and return the answer once it is whole."""
    page.fill("textarea", text)
    page.press("textarea", "Enter")
    page.wait_for_selector("#stop", state="hidden")
    return page.locator(".model").last.inner_text()


def test_two_turns_stop_and_a_new_chat(page, address, tmp_path):
    assert page.locator("h1").inner_text() == "smollm2"
    assert say(page, "What is the capital of France?") == "The capital of France is Paris."
    assert "Rome" in say(page, "And of Italy?")

    # What a user types, or a model writes, is text and never becomes a part of the page.
    trick = "<img src=x onerror=\"document.title='broken'\">"
    page.fill("textarea", f"Write a long story about the sea. {trick}")
    page.click("text=Send")
    page.wait_for_selector(".model >> nth=2 >> text=/.{20,}/")
    page.click("text=Stop")
    page.wait_for_selector("#stop", state="hidden")
    assert 20 <= len(page.locator(".model").last.inner_text()) < 1000  # it would go on for long
    page.screenshot(path=tmp_path / "chat.png")

    assert page.locator("main img").count() == 0 and page.title() == "smollm2"
    assert trick in page.locator(".user").last.inner_text()
    assert contrast(page, ".user") > 7 and contrast(page, "header p") > 4.5
    page.click("text=New chat")
    page.wait_for_selector("main p", state="detached")
    assert page.faults == []
    assert all(url.startswith(address) or url.startswith("data:") for url in page.asked)


def contrast(page, selector) -> float:
    """Compute how far text and ground are apart, as the WCAG 2 define it: 1 to 21."""
    found = page.evaluate(
        """selector => {
            let at = document.querySelector(selector);
            const ink = getComputedStyle(at).color;
            const seen = () => getComputedStyle(at).backgroundColor;
            while (seen() === "rgba(0, 0, 0, 0)" && at.parentElement) at = at.parentElement;
            return [ink, seen()];
        }""",
        selector,
    )
    lights = sorted(luminance(colour) for colour in found)
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (int(number) / 255 for number in re.findall(r"\d+", colour)[:3])
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
