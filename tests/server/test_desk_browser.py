"""The desk in a browser: drop, find, correct, decide, second review, evidence; by keyboard alone.

Without Chromium it is skipped, and says so.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from real_browser import CHROMIUM
from running_service import Running

from sigsearch.synthesis import Writer

Specimens = dict[str, list[Path]]
if CHROMIUM is None:
    warnings.warn("THE DESK WAS NOT TESTED IN A BROWSER: install chromium", stacklevel=1)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="NO BROWSER: install chromium")


@pytest.fixture(scope="module")
def cheque(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of print with a signature of the second drawn writer."""
    from drawn_pages import printed, put

    signature = Image.fromarray(Writer.from_seed(41).specimen(5).page)
    signature.thumbnail((420, 180))
    page = put(printed(1240, 900, 12), np.asarray(signature), 700, 650)
    path = tmp_path_factory.mktemp("cheque") / "cheque.png"
    Image.fromarray(page).save(path)
    return path


def signed_in(browser: Any, served: Running, name: str, width: int = 1280) -> Any:
    """A page of somebody who signed in by keyboard alone; scripts that fail are remembered."""
    key = served.new_key(name, "decide", "enrol", "audit", "ask")
    page = browser.new_context(viewport={"width": width, "height": 800}, locale="en").new_page()
    page.faults = []
    page.on("pageerror", lambda fault: page.faults.append(str(fault)))
    page.on("console", lambda told: page.faults.append(told.text) if told.type == "error" else None)
    page.set_default_timeout(120_000)
    page.goto(f"{served.address}/desk/")
    page.wait_for_function("document.activeElement.id === 'key'")  # focused as soon as it is drawn
    page.keyboard.type(key)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")
    return page


def arrived(page: Any, selector: str) -> None:
    """Wait for what a page shows, and for its script, which draws boxes and hears keys."""
    page.wait_for_selector(selector)
    page.wait_for_load_state()


def fits(page: Any) -> bool:
    """Whether nothing sticks out at the side."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return wide


def test_from_a_document_to_a_decision(
    served: Running, browser: Any, cheque: Path, specimens: Specimens
):
    page = signed_in(browser, served, "Anna Clerk")
    page.goto(f"{served.address}/desk/new")
    drop(page, cheque)
    arrived(page, ".drawn img")
    # Correct the box: drawn with the mouse, and then by numbers.
    area = page.locator(".drawn svg").first.bounding_box()
    left, top = area["x"] + area["width"] * 0.55, area["y"] + area["height"] * 0.7
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] * 0.93, area["y"] + area["height"] * 0.97, steps=4)
    page.mouse.up()
    assert page.locator("[data-own]").is_checked()
    number, box = page.locator("[data-own]").input_value().split("|")
    x, y, width, height = map(int, box.split(","))
    assert (number, abs(x - 682) < 12, abs(y - 630) < 12) == ("1", True, True)
    page.fill("[data-side=x]", str(x + 2))
    assert page.locator("[data-own]").input_value() == f"1|{x + 2},{y},{width},{height}"
    assert page.locator("rect.own").get_attribute("x") == str(x + 2)
    page.fill("#writer", "bo")
    page.click("text=Open a case")
    arrived(page, ".pair-view")
    assert page.locator("[data-answer]").count() == 0
    place = page.url
    page.keyboard.press("o")
    assert page.locator("[data-kind]").get_attribute("aria-pressed") == "true"
    assert page.locator("[data-main]").get_attribute("src").endswith("/4")
    page.keyboard.press("ArrowRight")
    assert page.locator("[data-layer]").get_attribute("src").endswith("/8")
    page.keyboard.press("+")
    page.locator("[data-opacity]").fill("80")
    assert page.locator("[data-layer]").evaluate("one => one.style.opacity") == "0.8"
    page.keyboard.press("1")
    page.click("text=Give this opinion")
    arrived(page, "[data-answer]")
    assert page.faults == []

    second = signed_in(browser, served, "Bernd Second", width=640)  # 1280 at 200 %
    assert fits(second)
    second.keyboard.press("n")
    second.wait_for_url(place)
    assert fits(second)
    assert second.locator("[data-answer]").count() == 0
    # By keyboard alone; an arrow steps through the references, whatever was chosen before.
    second.keyboard.press("1")
    second.keyboard.press("ArrowRight")
    assert second.locator("[data-which]").inner_text() == "2"
    assert second.locator("[name=opinion]:checked").get_attribute("value") == "match"
    second.keyboard.press("3")
    second.keyboard.press("a")
    second.keyboard.press("a")
    second.keyboard.press("1")
    assert second.locator("[name=reason]:checked").count() == 0
    second.keyboard.press("Enter")
    arrived(second, "text=Decided by people")
    with second.expect_popup() as sheet:
        second.keyboard.press("s")
    sheet.value.wait_for_selector("text=Weight of the evidence")
    assert second.faults == []


def test_several_documents_are_put_down_and_gone_through_by_keys(
    served: Running, browser: Any, specimens: Specimens, tmp_path: Path
):
    page = signed_in(browser, served, "Anna Clerk")
    page.goto(f"{served.address}/desk/new")
    (tmp_path / "bad.png").write_bytes(b"no image")
    (tmp_path / "list.csv").write_text(f"image,writer\n{specimens['bo'][4].name},bo\n")
    files = [specimens["bo"][4], specimens["anna"][4], tmp_path / "bad.png", tmp_path / "list.csv"]
    page.set_input_files("#image", files)
    page.click("text=Find the signatures")
    page.locator("[data-taken] tbody tr").nth(2).wait_for()
    page.wait_for_selector("[data-taken] button:focus")
    told = page.locator("[data-taken] tbody").inner_text()
    assert "case opened" in told
    assert "name the writer" in told
    page.keyboard.press("n")
    arrived(page, ".pair-view")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    arrived(page, "[data-answer]")
    page.keyboard.press("n")  # no case is left, but a document
    arrived(page, ".drawn img")
    page.fill("#writer", "anna")
    page.keyboard.press("Enter")
    arrived(page, ".pair-view")
    assert page.faults == []


def drop(page: Any, path: Path) -> None:
    """Drop a file on the form, as a person would."""
    given = page.evaluate_handle(
        """async (bytes) => {
          const held = new DataTransfer();
          held.items.add(new File([new Uint8Array(bytes)], "cheque.png", {type: "image/png"}));
          return held;
        }""",
        list(path.read_bytes()),
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": given})


def test_every_control_has_a_name(served: Running, browser: Any, specimens: Specimens):
    page = signed_in(browser, served, "Clara Reader", width=640)
    for place in ("/desk/", "/desk/new", "/desk/enrol", "/desk/audit", "/desk/sign-in"):
        page.goto(served.address + place)
        controls = page.locator("input:not([type=hidden]), select, textarea, button, a")
        nameless = controls.evaluate_all(
            """all => all
               .filter((one) => !(one.labels?.length || one.textContent.trim() || one.ariaLabel))
               .map((one) => one.outerHTML)"""
        )
        assert nameless == []
        assert page.locator("h1").count() == 1
        assert fits(page), place
    assert page.faults == []
