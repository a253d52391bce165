// Runs before the first paint, so that "follow the system" never flashes: resolves the theme and says that scripts run.
(() => {
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wish = root.dataset.theme || "auto";
    root.dataset.bsTheme = wish === "dark" || (wish === "auto" && dark.matches) ? "dark" : "light";
  };
  root.classList.add("js");
  dark.addEventListener("change", apply);
  addEventListener("yulan:theme", apply);
  apply();
})();
