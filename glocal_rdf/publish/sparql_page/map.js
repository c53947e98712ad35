// Answers as a map: points from columns of latitude and longitude, or of WKT, over the coastlines of Natural Earth.

import "../vendor/topojson-client/dist/topojson-client.min.js";
import { drawn, element, fill } from "./elements.js";

const LATITUDE = /^(lat|latitude|緯度)$/i;
const LONGITUDE = /^(lon|long|lng|longitude|經度)$/i;
const POINT = /^\s*(?:<[^>]*>\s*)?POINT\s*Z?\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)/i;
const WIDTH = 960;
const MAX_HEIGHT = 600;
const STEPS = [45, 30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];

let land = null;

// The points of an answer: [{ longitude, latitude, row }]; empty where it has none.
export function findPoints(answer) {
  const latitude = answer.variables.findIndex((name) => LATITUDE.test(name));
  const longitude = answer.variables.findIndex((name) => LONGITUDE.test(name));
  const points = [];
  for (const row of answer.rows) {
    if (latitude >= 0 && longitude >= 0) addPoint(points, row[longitude]?.value, row[latitude]?.value, row);
    else {
      const wkt = row.find((term) => term?.type === "literal" && term.datatype?.endsWith("#wktLiteral"));
      const found = wkt && POINT.exec(wkt.value);
      if (found) addPoint(points, found[1], found[2], row);
    }
  }
  return points;
}

function addPoint(points, x, y, row) {
  if (!x || !y) return;
  const [longitude, latitude] = [Number(x), Number(y)];
  if (Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90) points.push({ longitude, latitude, row });
}

export async function makeMap(points, { texts, format, landAddress, describe, credit }) {
  land ??= await readLand(landAddress);
  const view = chooseView(points);
  const scale = WIDTH / view.width;
  const height = view.height * scale;
  const x = (longitude) => (longitude - view.west) * scale;
  const y = (latitude) => (view.north - latitude) * scale;
  const coast = land.map((ring) => `M${ring.map(([one, other]) => `${x(one).toFixed(1)},${y(other).toFixed(1)}`).join("L")}Z`);
  const marks = points.map((point) => {
    const { title, address } = describe(point.row);
    const mark = drawn("circle", { cx: x(point.longitude).toFixed(1), cy: y(point.latitude).toFixed(1), r: 5 }, drawn("title", {}, title));
    return address ? drawn("a", { href: address, tabindex: "-1" }, mark) : mark;
  });
  const label = fill(texts.map_of, { count: format.count(points.length) });
  const attributes = { viewBox: `0 0 ${WIDTH} ${height.toFixed(0)}`, role: "group", "aria-label": label, class: "map" };
  const picture = drawn("svg", attributes, drawn("path", { d: coast.join(""), class: "land" }), ...drawGrid(view, x, y, height), drawn("g", { class: "points" }, ...marks));
  return element("figure", {}, picture, element("figcaption", {}, `${label} · ${credit}`));
}

async function readLand(address) {
  const topology = await (await fetch(address)).json();
  const shapes = self.topojson.feature(topology, topology.objects.land);
  const polygons = shapes.features.flatMap(({ geometry }) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates));
  // A ring that crosses the 180th meridian goes on beyond it, and is drawn on both sides of the map.
  return polygons.flat().map(unwrap).flatMap((ring) => [ring, shift(ring, 360), shift(ring, -360)].filter(isSeen));
}

function unwrap(ring) {
  let turns = 0;
  return ring.map(([longitude, latitude], n) => {
    const step = n ? longitude - ring[n - 1][0] : 0;
    if (Math.abs(step) > 180) turns -= Math.sign(step) * 360;
    return [longitude + turns, latitude];
  });
}

function shift(ring, by) {
  return ring.map(([longitude, latitude]) => [longitude + by, latitude]);
}

function isSeen(ring) {
  return ring.some(([longitude]) => Math.abs(longitude) < 180);
}

// The part of the world that has all points, with a margin; the whole world where they are far apart.
function chooseView(points) {
  const longitudes = points.map((point) => point.longitude);
  const latitudes = points.map((point) => point.latitude);
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const width = Math.max((east - west) * 1.2, (north - south) * 1.2, 0.02);
  if (width > 180) return { west: -180, north: 84, width: 360, height: 142 };
  const height = Math.min(Math.max((north - south) * 1.2, width / 2), (width * MAX_HEIGHT) / WIDTH);
  const fits = (north - south) * 1.1 <= height;
  const tall = fits ? height : (north - south) * 1.2;
  const wide = fits ? width : (tall * WIDTH) / MAX_HEIGHT;
  return { west: (west + east - wide) / 2, north: (south + north + tall) / 2, width: wide, height: tall };
}

// Meridians and parallels, with their degrees, so that a map without coasts has a measure too.
function drawGrid(view, x, y, height) {
  const step = STEPS.findLast((one) => view.width / one <= 8) ?? STEPS[0];
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const parts = [];
  for (let n = Math.ceil(view.west / step); n * step <= view.west + view.width; n += 1) {
    const at = x(n * step).toFixed(1);
    parts.push(drawn("line", { x1: at, x2: at, y1: 0, y2: height, class: "grid" }));
    parts.push(drawn("text", { x: at, y: height - 4, class: "degree", dx: 3 }, `${(n * step).toFixed(digits)}°`));
  }
  for (let n = Math.ceil((view.north - view.height) / step); n * step <= view.north; n += 1) {
    const at = y(n * step).toFixed(1);
    parts.push(drawn("line", { y1: at, y2: at, x1: 0, x2: WIDTH, class: "grid" }));
    parts.push(drawn("text", { x: 3, y: at, dy: -3, class: "degree" }, `${(n * step).toFixed(digits)}°`));
  }
  return parts;
}
