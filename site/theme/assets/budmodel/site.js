// A folded board opens when its address is asked for: a link to a heading inside it must lead to its table.
(function () {
  "use strict";
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

  window.addEventListener("hashchange", unfold);
  unfold();
})();
