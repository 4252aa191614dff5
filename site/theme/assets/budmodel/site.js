// A folded board opens when its address is asked for: a link to a heading inside it must lead to its table.
(function () {
  "use strict";
  function unfold() {
    var there = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var board = there && there.closest("details.bm-board");
    if (board) board.open = true;
  }

  window.addEventListener("hashchange", unfold);
  unfold();
})();
