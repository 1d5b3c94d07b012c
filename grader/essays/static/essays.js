// Grades the answers on this page. Each answer keeps what it has (`now`) and what the gradebook is
// known to have (`seen`); an entry is written only if the gradebook still has what was seen.
"use strict";

const rubric = JSON.parse(document.body.dataset.rubric);
const token = document.querySelector("meta[name=token]").content;
const AGAIN = ["q", "w", "e", "r", "t", "y"];
const panel = {
  head: document.getElementById("current"),
  items: [...document.querySelectorAll("[data-item]")],
  points: document.getElementById("points"),
  comment: document.getElementById("comment"),
  again: document.querySelector("#again ul"),
  keys: document.getElementById("keys"),
  status: document.getElementById("status"),
  progress: document.getElementById("progress"),
};
const answers = [...document.querySelectorAll("article")].map((element, place) => {
  const { score, auto, comment } = JSON.parse(element.dataset.state);
  return {
    element, auto, id: element.dataset.id, name: `Answer ${place + 1}`,
    now: { score, comment }, seen: { score, comment },
    picked: pickedFor(score), busy: null, again: false,
  };
});
let current = null;

function pickedFor(score) {
  // Which items were meant is not in the gradebook. All and none can be told from the points.
  return new Set(score === rubric.most ? rubric.items.keys() : []);
}

function same(one, other) {
  return one.score === other.score && one.comment === other.comment;
}

function plain(points) {
  return String(Math.round(points * 1000) / 1000);
}

function say(words, trouble = false) {
  panel.status.textContent = words;
  panel.status.classList.toggle("trouble", trouble);
}

// ---- what is shown

function given(answer) {
  if (answer.now.score !== null) return `${plain(answer.now.score)} of ${plain(rubric.most)}`;
  return answer.auto === null ? "no points yet" : `${plain(answer.auto)}, given by nbgrader`;
}

function show(answer) {
  answer.element.querySelector(".given").textContent = `– ${given(answer)}`;
  answer.element.querySelector(".comment").textContent = answer.now.comment;
  const waiting = answers.filter((one) => one.now.score === null && one.auto === null).length;
  const blank = answers.filter((one) => one.now.score === null && one.auto !== null).length;
  const done = answers.length - waiting - blank;
  panel.progress.textContent =
    `${done} graded, ${waiting} to go` + (blank ? `, ${blank} as handed out` : "");
  showSaved();
  if (answer === current) showPanel();
}

function showPanel() {
  panel.head.textContent = current ? `${current.name}: ${given(current)}` : "No answer is chosen";
  panel.items.forEach((button, place) =>
    button.setAttribute("aria-pressed", String(Boolean(current?.picked.has(place)))));
  const score = current?.now.score ?? null;
  if (document.activeElement !== panel.points)
    panel.points.value = score === null ? "" : plain(score);
  if (document.activeElement !== panel.comment) panel.comment.value = current?.now.comment ?? "";
  showAgain();
}

function showSaved() {
  document.body.dataset.saved = String(answers.every((one) => same(one.now, one.seen)));
}

function linesOf(comment) {
  return comment.split("\n").map((line) => line.trim()).filter(Boolean);
}

function oftenGiven() {
  const count = new Map();
  for (const answer of answers)
    for (const line of new Set(linesOf(answer.now.comment)))
      count.set(line, (count.get(line) ?? 0) + 1);
  return [...count].sort((a, b) => b[1] - a[1]).slice(0, AGAIN.length).map(([line]) => line);
}

function showAgain() {
  panel.again.replaceChildren(...oftenGiven().map((line, place) => {
    const button = document.createElement("button");
    button.type = "button";
    const has = current ? linesOf(current.now.comment).includes(line) : false;
    button.setAttribute("aria-pressed", String(has));
    const key = document.createElement("kbd");
    key.textContent = AGAIN[place];
    const words = document.createElement("span");
    words.textContent = line;
    button.append(key, " ", words);
    button.addEventListener("click", () => useAgain(line));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
}

// ---- what is given

function give(score, picked) {
  if (!current) return say("Choose an answer first: j", true);
  current.now.score = score;
  current.picked = picked;
  changed(current);
}

function toggle(place) {
  if (!current || place >= rubric.items.length) return;
  const picked = new Set(current.picked);
  if (!picked.delete(place)) picked.add(place);
  const sum = [...picked].reduce((total, one) => total + rubric.items[one].points, 0);
  give(Math.min(sum, rubric.most), picked);
}

function typed() {
  const text = panel.points.value.trim().replace(",", ".");
  const score = text === "" ? null : Number(text);
  if (score !== null && !(score >= 0 && score <= rubric.most)) {
    say(`Points must be a number from 0 to ${plain(rubric.most)}`, true);
    return showPanel();
  }
  if (current && score !== current.now.score) give(score, pickedFor(score));
}

function useAgain(line) {
  if (!current) return;
  const lines = linesOf(current.now.comment);
  const kept = lines.includes(line) ? lines.filter((one) => one !== line) : [...lines, line];
  comment(kept.join("\n"));
}

function comment(words) {
  if (!current || words === current.now.comment) return;
  current.now.comment = words;
  changed(current);
}

function changed(answer) {
  show(answer);
  if (answer === current) {
    panel.points.value = answer.now.score === null ? "" : plain(answer.now.score);
    panel.comment.value = answer.now.comment;
  }
  save(answer);
}

// ---- saving

async function save(answer) {
  if (answer.busy) return void (answer.again = true);
  answer.busy = write(answer);
  await answer.busy;
  answer.busy = null;
  if (answer.again) {
    answer.again = false;
    if (!same(answer.now, answer.seen)) save(answer);
  }
}

async function write(answer) {
  const sent = { ...answer.now };
  let reply, body;
  try {
    reply = await fetch("/save", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Token": token },
      body: JSON.stringify({ id: answer.id, seen: answer.seen, given: sent }),
    });
    body = await reply.json();
  } catch {
    return later(answer, "the command `grader essays` does not answer. Is it still running?");
  }
  if (reply.ok) {
    answer.seen = sent;
    showSaved();
    return say(`${answer.name}: saved`);
  }
  if (reply.status === 409) return taken(answer, body, sent);
  if (reply.status === 503) return later(answer, body.trouble);
  say(`${answer.name} is NOT saved: ${body.trouble}`, true);
}

function taken(answer, theirs, mine) {
  answer.seen = { ...theirs };
  answer.now = { ...theirs };
  answer.picked = pickedFor(theirs.score);
  answer.again = false;
  show(answer);
  const lost = mine.comment && mine.comment !== theirs.comment ? ` Yours was: ${mine.comment}` : "";
  say(`${answer.name} is NOT saved: somebody else has graded it meanwhile. It now shows what they ` +
    `gave; enter yours again if you want to replace it.${lost}`, true);
}

function later(answer, why) {
  say(`${answer.name} is not saved yet: ${why} It is tried again.`, true);
  setTimeout(() => { if (!same(answer.now, answer.seen)) save(answer); }, 2000);
}

window.addEventListener("beforeunload", (event) => {
  if (answers.some((answer) => !same(answer.now, answer.seen))) event.preventDefault();
});

// ---- moving

function choose(answer) {
  if (!answer) return;
  if (answer !== current) {
    endComment();
    current?.element.removeAttribute("aria-current");
    current = answer;
    answer.element.setAttribute("aria-current", "true");
  }
  answer.element.focus({ preventScroll: true });
  answer.element.scrollIntoView({ block: "nearest" });
  showPanel();
}

function step(by) {
  const place = current ? answers.indexOf(current) + by : 0;
  choose(answers[Math.max(0, Math.min(place, answers.length - 1))]);
}

function nextWaiting() {
  const start = current ? answers.indexOf(current) + 1 : 0;
  const order = [...answers.slice(start), ...answers.slice(0, start)];
  const next = order.find((one) => one.now.score === null && one.auto === null);
  if (next) choose(next);
  else say("All answers have points.");
}

function endComment() {
  if (document.activeElement === panel.points) typed();
  if (document.activeElement === panel.comment) comment(panel.comment.value.trim());
}

const KEYS = {
  j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
  u: nextWaiting,
  0: () => give(0, new Set()),
  a: () => give(rubric.most, pickedFor(rubric.most)),
  Backspace: () => give(null, new Set()),
  s: () => { if (current) { panel.points.focus(); panel.points.select(); } },
  c: () => { if (current) panel.comment.focus(); },
  "?": () => { panel.keys.open = !panel.keys.open; panel.keys.scrollIntoView(); },
};

document.addEventListener("keydown", (event) => {
  const writing = event.target === panel.comment || event.target === panel.points;
  if (writing) {
    const ends = event.key === "Escape" || (event.key === "Enter" &&
      (event.target === panel.points || event.ctrlKey || event.metaKey));
    if (ends) {
      event.preventDefault();
      event.target.blur();
      choose(current);
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const line = oftenGiven()[AGAIN.indexOf(event.key)];
  const act = /^[1-9]$/.test(event.key) ? () => toggle(Number(event.key) - 1)
    : AGAIN.includes(event.key) ? () => line && useAgain(line) : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

panel.points.addEventListener("change", typed);
panel.comment.addEventListener("change", () => comment(panel.comment.value.trim()));
panel.items.forEach((button, place) => button.addEventListener("click", () => toggle(place)));
answers.forEach((answer) => {
  answer.element.addEventListener("click", () => choose(answer));
  show(answer);
});
if (answers.length) nextWaiting();
if (!current) choose(answers[0]);
