// Search and sorting of the index page; without it the whole table stands there, in the order of the codes.
(() => {
  const table = document.getElementById("units");
  if (!table) return;
  const body = table.tBodies[0], search = document.getElementById("search");
  const status = document.getElementById("shown"), heads = [...table.tHead.rows[0].cells];
  const plain = (text) =>
    text.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/\s+/g, " ").trim();

  const show = () => {
    const typed = " " + plain(search.value);  // at the beginning of a word: "ha giang" is not in "hau giang"
    let count = 0;
    for (const row of body.rows) {
      row.hidden = !(" " + row.dataset.key).includes(typed);
      count += row.hidden ? 0 : 1;
    }
    status.textContent = status.dataset.words.replace("{count}", count);
  };

  const value = (row, column) => row.cells[column].dataset.v ?? "";
  const compare = (a, b, column, sign) => {
    const [x, y] = [value(a, column), value(b, column)];
    if (x === "" || y === "") return (x === "") - (y === "");
    return sign * (column === 0 ? x.localeCompare(y, "vi") : Number(x) - Number(y));
  };
  const sort = (column) => {
    const head = heads[column], first = column === 0 ? "ascending" : "descending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    heads.forEach((cell) => cell.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    // The country stays above its provinces.
    const rows = [...body.rows].sort((a, b) =>
      (b.dataset.country ?? "").length - (a.dataset.country ?? "").length || compare(a, b, column, sign));
    body.append(...rows);
  };

  heads.slice(0, -1).forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(column));
    // A browser prints no button in a table's head when it repeats that on a new sheet.
    const printed = document.createElement("span");
    printed.className = "printed";
    printed.setAttribute("aria-hidden", "true");
    printed.textContent = head.textContent;
    head.replaceChildren(button, printed);
  });
  document.getElementById("tools").hidden = false;
  search.addEventListener("input", show);
  show();
})();
