"use strict";
// The admin's theme, shared with the pages by their cookie, and copying. No inline script needs it.
{
  const root = document.documentElement;
  const next = { auto: "light", light: "dark", dark: "auto" };

  function kept() {
    const found = document.cookie.match(/(?:^|; )leadline_theme=(light|dark)/);
    return found ? found[1] : "auto";
  }

  function choose(theme) {
    root.dataset.theme = theme;
    const secure = location.protocol === "https:" ? "; secure" : "";
    const value = theme === "auto" ? "" : theme;
    document.cookie = `leadline_theme=${value}; path=/; max-age=31536000; samesite=lax${secure}`;
  }

  root.dataset.theme = kept();

  document.addEventListener("click", async (event) => {
    if (event.target.closest(".theme-toggle")) choose(next[kept()]);
    const button = event.target.closest("[data-copy]");
    if (button) {
      await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
      button.textContent = button.dataset.copied;
    }
  });

  // Select2 leaves its boxes without a name. It is set up when jQuery is ready, and so are these.
  function nameBoxes() {
    for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
      const name = select.getAttribute("aria-label") || select.labels[0]?.textContent || "";
      for (const box of select.nextElementSibling.querySelectorAll("[role=combobox], [role=textbox]")) {
        box.removeAttribute("aria-labelledby");
        box.setAttribute("aria-label", name.replace(/:$/, ""));
      }
    }
  }

  window.addEventListener("load", () => window.django?.jQuery?.(nameBoxes));

  // Where a key is shown once, a reload is to open its page, not to send its form again.
  document.addEventListener("DOMContentLoaded", () => {
    const shown = document.querySelector("[data-address-after]");
    if (shown) history.replaceState(null, "", shown.dataset.addressAfter);
  });
}
