// Answers as a chart: bars by a column of names, or a line by a column of years or dates, where a column has numbers.

import { drawn, element, fill } from "./elements.js";
import { isNumber } from "./table.js";

const BARS = 40;
const YEARS = /#(?:gYear|gYearMonth|date|dateTime)$/;
const WIDTH = 720;
const MAX_NAME = 32;

// What can be drawn of an answer: the columns of numbers, and the column that names them; null where nothing can.
export function findSeries(answer) {
  if (answer.graph || answer.rows.length < 2) return null;
  const values = answer.variables.map((_name, n) => n).filter((n) => isColumnOf(answer, n, isNumber));
  const named = answer.variables.map((_name, n) => n).filter((n) => !values.includes(n));
  const times = named.filter((n) => isColumnOf(answer, n, (term) => YEARS.test(term.datatype ?? "")));
  // Coordinates are for maps.
  const drawnValues = values.filter((n) => !/^(lat|long?|lng|latitude|longitude)$/i.test(answer.variables[n]));
  if (!drawnValues.length || !named.length) return null;
  const time = times.find((n) => new Set(answer.rows.map((row) => row[n]?.value)).size === answer.rows.length);
  return { values: drawnValues, time: time ?? null, names: named };
}

function isColumnOf(answer, n, test) {
  const filled = answer.rows.filter((row) => row[n]);
  return filled.length > 0 && filled.every((row) => test(row[n]));
}

// `nameRow` gives the name of a row, for the bars.
export function makeChart(answer, series, { texts, format, nameRow }) {
  const holder = element("div", { class: "plot" });
  const choice = element(
    "select",
    { change: () => draw(Number(choice.value)) },
    ...series.values.map((n) => element("option", { value: n }, answer.variables[n])),
  );
  const draw = (n) => holder.replaceChildren(series.time === null ? drawBars(n) : drawLine(n));
  draw(series.values[0]);
  const label = series.values.length > 1 ? element("label", {}, `${texts.value} `, choice) : null;
  return element("div", {}, label, holder);

  function drawBars(n) {
    const rows = answer.rows.filter((row) => row[n]).slice(0, BARS);
    const numbers = rows.map((row) => Number(row[n].value));
    const [least, most] = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
    const names = rows.map((row) => nameRow(row, n));
    const left = Math.max(...names.map((name) => measure(shortenName(name)))) * 7.5 + 16;
    const room = WIDTH - left - 80;
    const x = (number) => left + ((number - least) / (most - least || 1)) * room;
    const parts = rows.flatMap((row, place) => {
      const top = place * 24;
      const name = names[place];
      const value = numbers[place];
      const [from, to] = [x(Math.min(0, value)), x(Math.max(0, value))];
      return [
        drawn("text", { x: left - 8, y: top + 16, class: "name" }, shortenName(name), drawn("title", {}, name)),
        drawn("rect", { x: from, y: top + 4, width: Math.max(to - from, 1), height: 16, class: "bar" }, drawn("title", {}, `${name}: ${format.number(value)}`)),
        drawn("text", { x: to + 6, y: top + 16 }, format.number(value)),
      ];
    });
    const label = fill(texts.bar, { value: answer.variables[n], label: answer.variables[series.names[0]] });
    const cut = rows.length < answer.count ? fill(texts.bars_cut, { shown: rows.length, count: format.count(answer.count) }) : "";
    return makeFigure(parts, rows.length * 24 + 4, label, cut);
  }

  function drawLine(n) {
    const points = answer.rows
      .filter((row) => row[n] && row[series.time])
      .map((row) => ({ at: readTime(row[series.time].value), value: Number(row[n].value), name: row[series.time].value }))
      .sort((one, other) => one.at - other.at);
    const height = 320;
    const [first, last] = [points[0].at, points.at(-1).at];
    const [least, most] = [Math.min(0, ...points.map((one) => one.value)), Math.max(0, ...points.map((one) => one.value))];
    const x = (at) => 60 + ((at - first) / (last - first || 1)) * (WIDTH - 100);
    const y = (value) => 20 + (1 - (value - least) / (most - least || 1)) * (height - 60);
    const parts = [
      ...[least, (least + most) / 2, most].flatMap((value) => [
        drawn("line", { x1: 60, x2: WIDTH - 40, y1: y(value), y2: y(value), class: "grid" }),
        drawn("text", { x: 54, y: y(value) + 4, class: "name" }, format.number(value)),
      ]),
      drawn("polyline", { points: points.map((one) => `${x(one.at)},${y(one.value)}`).join(" "), class: "line" }),
      ...points.map((one) => drawn("circle", { cx: x(one.at), cy: y(one.value), r: 4, class: "dot" }, drawn("title", {}, `${one.name}: ${format.number(one.value)}`))),
      drawn("text", { x: x(first), y: height - 12 }, points[0].name),
      drawn("text", { x: x(last), y: height - 12, class: "name" }, points.at(-1).name),
    ];
    const label = fill(texts.line, { value: answer.variables[n], label: answer.variables[series.time] });
    return makeFigure(parts, height, label, "");
  }
}

function makeFigure(parts, height, label, note) {
  const picture = drawn("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label, class: "chart" }, ...parts);
  return element("figure", {}, picture, element("figcaption", {}, [label, note].filter(Boolean).join(" · ")));
}

// A Chinese character is as wide as two of Latin.
function measure(text) {
  return [...text].reduce((sum, character) => sum + (/[\u2e80-\uffff]/.test(character) ? 2 : 1), 0);
}

function shortenName(name) {
  const characters = [...name];
  let end = characters.length;
  while (measure(characters.slice(0, end).join("")) > MAX_NAME) end -= 1;
  return end < characters.length ? `${characters.slice(0, end).join("")}…` : name;
}

function readTime(text) {
  const [year, month = "01", day = "01"] = text.split("T")[0].split(/(?<!^)-/);
  return Number(year) + (Number(month) - 1) / 12 + (Number.parseInt(day, 10) - 1) / 366;
}
