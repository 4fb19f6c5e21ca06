"""What somebody does on the follow-up board, and how long the browser takes for it."""

from typing import Any

FIRST_CARD = """() => {
  const look = () => {
    if (document.querySelector('.fb-card')) requestAnimationFrame((now) => (window.firstCard = now));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""

FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"

SETTLED = """() => {
  window.settled = [];
  document.addEventListener('drop', () => {
    const id = document.querySelector('[data-dragged]').dataset.dragged;
    const start = performance.now();
    const look = (now) => {
      const card = document.querySelector(`[data-card="${id}"]`);
      if (!card || card.getAttribute('aria-busy') === 'true') requestAnimationFrame(look);
      else window.settled.push(now - start);
    };
    requestAnimationFrame(() => requestAnimationFrame(look));
  }, true);
  document.addEventListener('dragstart', (event) => {
    document.body.dataset.dragged = event.target.dataset.card;
  }, true);
}"""


def open_board(page: Any, address: str) -> tuple[float, float]:
    """Opens the board; milliseconds from the start of the visit to its first paint, and to its first card."""
    page.add_init_script(f"({FIRST_CARD})()")
    page.goto(address)
    page.wait_for_function("window.firstCard")
    return page.evaluate(FIRST_PAINT), page.evaluate("window.firstCard")


def column(page: Any, place: int) -> Any:
    return page.locator(".fb-column").nth(place)


def drag(page: Any, source: int, card: int, target: int, place: int) -> str:
    """Drags a card of one column over a card of another; returns the id of the dragged card."""
    dragged = column(page, source).locator(".fb-card").nth(card)
    id_: str = dragged.get_attribute("data-card")
    dragged.drag_to(column(page, target).locator(".fb-card").nth(place))
    return id_


def settle_times(page: Any, moves: int) -> list[float]:
    """Drags so many cards, one by one; milliseconds from each drop until the card stands and is answered."""
    page.evaluate(SETTLED)
    for move in range(moves):
        drag(page, move % 2, 1, (move + 1) % 2, 2)
        page.wait_for_function("(wanted) => window.settled.length === wanted", arg=move + 1)
    times: list[float] = page.evaluate("window.settled")
    return times


def use(page: Any) -> None:
    """Scrolls a column, drags three cards, logs a follow-up, opens a record, and looks at each view."""
    box = column(page, 0).locator(".fb-scroll").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 120)
    for _ in range(40):
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(25)
    for place in range(3):
        drag(page, 0, 9, 1, 1 + place)
    column(page, 1).locator(".fb-log").first.click()
    page.locator(".fb-quick [data-kind=call]").click()
    column(page, 2).locator(".fb-title").first.click()
    page.wait_for_selector(".fb-panel dl")
    page.keyboard.press("Escape")
    page.locator("#fb-tab-table").click()
    page.wait_for_selector("[data-row]")
    box = page.locator(".fb-rows").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    for _ in range(30):
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(25)
    page.locator("#fb-tab-funnel").click()
    page.wait_for_selector(".fb-stage")
    page.locator("#fb-tab-board").click()
    page.wait_for_selector(".fb-card")
    page.wait_for_timeout(2_500)  # other people's changes are asked for in between
