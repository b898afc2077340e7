// Runs before the first paint, so that a chosen theme does not flash the other one.
(() => {
  try {
    const theme = JSON.parse(localStorage.getItem("groundrec.theme"));
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be refused; then the system's theme holds.
  }
})();
