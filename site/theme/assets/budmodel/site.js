// What every page needs: folded boards that open by address, and a keyboard that reaches all there is to reach.
(function () {
  "use strict";

  // A link to a heading inside a folded board must lead to its table.
  function wanted() {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch (error) {
      // An address may end in anything, also in a percent sign.
      return "";
    }
  }

  function unfold() {
    var there = document.getElementById(wanted());
    var board = there && there.closest("details.bm-board");
    if (board) board.open = true;
  }

  // A frame that does not scroll is no stop on the way through the page. Scripts may still put focus on it.
  function watchFrames() {
    var watcher = new ResizeObserver(function (entries) {
      entries.forEach(function (entry) {
        var frame = entry.target.closest(".bm-scroll");
        frame.tabIndex = frame.scrollWidth > frame.clientWidth ? 0 : -1;
      });
    });
    document.querySelectorAll(".bm-scroll").forEach(function (frame) {
      // One that is filled later stays a stop.
      if (!frame.firstElementChild) return;
      watcher.observe(frame);
      watcher.observe(frame.firstElementChild);
    });
  }

  // The theme opens its menu with a label, which no key reaches.
  function menuButton() {
    var toggle = document.getElementById("__drawer");
    var label = document.querySelector(".md-header label[for=__drawer]");
    var menu = document.querySelector(".md-sidebar--primary");
    if (!toggle || !label || !menu) return;
    var button = document.createElement("button");
    button.type = "button";
    button.className = label.className + " bm-menu";
    button.setAttribute("aria-label", "Menu");
    button.append.apply(button, label.childNodes);
    label.replaceWith(button);

    function say() {
      button.setAttribute("aria-expanded", String(toggle.checked));
    }

    function close() {
      if (toggle.checked) toggle.click();
    }

    toggle.addEventListener("change", say);
    say();
    button.addEventListener("click", function () {
      toggle.click();
      var first = menu.querySelector(".md-nav__title a, .md-nav__link");
      if (toggle.checked && first) first.focus({ preventScroll: true });
    });
    document.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || !toggle.checked) return;
      close();
      button.focus();
    });
    // Focus that leaves the menu would go on under it.
    menu.addEventListener("focusout", function (event) {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) close();
    });
    menu.querySelectorAll("label.md-nav__title[for^=__nav]").forEach(function (title) {
      title.tabIndex = 0;
    });
  }

  // The search of the head reads the documentation; who types a model's name there goes on to the list with it.
  function modelSearch() {
    var field = document.querySelector(".md-search__input");
    var link = document.querySelector(".bm-search-models a");
    if (!field || !link) return;
    var list = link.getAttribute("href");
    field.addEventListener("input", function () {
      var words = field.value.trim();
      link.href = list + (words ? "?words=" + encodeURIComponent(words) : "");
      link.textContent = words ? "Search the models for “" + words + "”" : "Search the models instead";
    });
  }

  window.addEventListener("hashchange", unfold);
  unfold();
  watchFrames();
  menuButton();
  modelSearch();
})();
