// What the keyboard does, where no field and no open sheet has a use for the key.

/** `turn(step)` and `pause()` are called for their keys; none of them while `isBusy()`. */
export function listen({ turn, pause, isBusy }) {
  document.addEventListener("keydown", (pressed) => {
    if (isBusy() || pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.target.closest?.("select, input, summary, .list")) return;
    const onButton = pressed.target.closest?.("button, a[href], [tabindex]");
    if (pressed.key === "ArrowRight" || pressed.key === "PageDown") turn(1);
    else if (pressed.key === "ArrowLeft" || pressed.key === "PageUp") turn(-1);
    else if (pressed.key === " " && !onButton) pause();
    else if (pressed.key === "f") fill();
    else return;
    pressed.preventDefault();
  });
}

function fill() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
}
