// Starts the page where it can work. From the disk a browser loads neither modules nor workers, and the page says so.

(() => {
  const needs = document.getElementById("needs");
  needs.hidden = location.protocol !== "file:";
  if (needs.hidden) {
    import("./page.js").catch((error) => {
      needs.hidden = false;
      throw error;
    });
  }
})();
