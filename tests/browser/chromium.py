"""Find a Chromium for the browser tests, or get one: python -m tests.browser.chromium.

Prints the path of one that runs. CHROMIUM=/path/to/chromium decides the matter.
"""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
MAC_NAMES = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
]

# Without fonts for emoji and for the world's scripts a screenshot shows boxes.
FONTS = ["fonts-noto-core", "fonts-noto-cjk", "fonts-noto-color-emoji"]

APT = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
APT_INSTALL = [*APT, "install", "-y", "--no-install-recommends"]

# What to run for each package manager, one after the other; a step may fail.
PACKAGE_MANAGERS = {
    "apt-get": [[*APT, "update"], [*APT_INSTALL, "chromium"], [*APT_INSTALL, *FONTS]],
    "dnf": [["dnf", "-q", "-y", "install", "chromium", "google-noto-color-emoji-fonts"]],
    "apk": [["apk", "add", "--quiet", "chromium", "font-noto", "font-noto-emoji"]],
}

HELP = """\
There is no Chromium, and none could be installed. Install Chromium or Google Chrome, or set
CHROMIUM=/path/to/chromium. Everything but the browser tests runs without:
  make test ARGS="--ignore tests/browser" CHROMIUM=none"""


def find() -> str | None:
    """Return the path of a Chromium that runs, or None."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    on_path = [path for name in [*NAMES, *MAC_NAMES] if (path := shutil.which(name))]
    return next((path for path in [*on_path, playwrights_own()] if runs(path)), None)


def playwrights_own() -> str:
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def runs(path: str) -> bool:
    """Tell whether it is a browser: on some systems it is a hint to install one."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def install() -> None:
    """Install one by the system's package manager, or else by Playwright."""
    say("There is no Chromium yet: installing one for the browser tests …")
    privilege = privileged()
    for manager, steps in PACKAGE_MANAGERS.items():
        if privilege is not None and shutil.which(manager):
            for step in steps:
                run([*privilege, *step])
            break
    if find() is None:
        # The libraries it needs come by the package manager, which needs root.
        dependencies = ["--with-deps"] if privilege is not None and shutil.which("apt-get") else []
        run([sys.executable, "-m", "playwright", "install", *dependencies, "chromium"])


def privileged() -> list[str] | None:
    """Return what to put before a command that needs root; None if root is out of reach."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    if shutil.which("sudo") and run([*sudo, "true"]):
        return sudo
    return None


def run(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    result = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if result.returncode:
        say(f"{' '.join(command)} failed: {result.stderr.decode(errors='replace').strip()[-300:]}")
    return result.returncode == 0


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    if find() is None:
        install()
    path = find()
    if path is None:
        say(HELP)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
