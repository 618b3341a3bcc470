// Files of a panel's results: fetched, so that a refusal is read, and saved under the name that the server gives.

import { el } from "./dom.js";

const ROWS = "50.000";
const KEEP_MS = 60000;

/** Links to the files of `downloads` (address.js), and below them what is said while one is made or where none is. */
export function fileLinks(files) {
  const said = el("p.small", `Mọi dòng của bảng với các lựa chọn đang xem, nhiều nhất ${ROWS} dòng; mỗi lần lập một tệp.`);
  said.setAttribute("role", "status");
  const lines = files.map(({ name, formats }) => el("p.files", name, ...formats.map(({ url, title }) => {
    const link = el("a", title);
    link.href = url;
    link.download = "";
    link.addEventListener("click", (clicked) => {
      clicked.preventDefault();
      save(url, title, said);
    });
    return link;
  })));
  return [...lines, said];
}

async function save(url, title, said) {
  said.classList.remove("refused");
  said.textContent = `Đang lập tệp ${title}…`;
  try {
    const answer = await fetch(url);
    if (!answer.ok) {
      said.classList.add("refused");
      said.textContent = (await answer.json()).error;
      return;
    }
    const named = /filename\*=UTF-8''([^;]+)/i.exec(answer.headers.get("Content-Disposition") ?? "");
    const link = el("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = named ? decodeURIComponent(named[1]) : "";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), KEEP_MS);
    said.textContent = `Đã tải ${link.download}`;
  } catch {
    said.classList.add("refused");
    said.textContent = "Mất kết nối với máy chủ khi lập tệp; hãy thử lại.";
  }
}
