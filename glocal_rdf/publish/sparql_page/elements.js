// Makes elements and texts. Whatever is put into a page goes through here as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

// An element with attributes and children; a function as an attribute listens to the event of its name.
export function element(name, attributes = {}, ...children) {
  return assemble(document.createElement(name), attributes, children);
}

export function drawn(name, attributes = {}, ...children) {
  return assemble(document.createElementNS(SVG, name), attributes, children);
}

function assemble(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(name, value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// A text with its names in braces filled in.
export function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// Numbers, sizes and times in a language.
export function makeFormat(lang) {
  const whole = new Intl.NumberFormat(lang);
  const tenths = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
  return {
    count: (number) => whole.format(number),
    number: (number) => new Intl.NumberFormat(lang, { maximumSignificantDigits: 6 }).format(number),
    size: (bytes) => (bytes < 1e5 ? `${tenths.format(bytes / 1e3)} kB` : `${tenths.format(bytes / 1e6)} MB`),
    time: (ms) => (ms < 1000 ? `${whole.format(Math.round(ms))} ms` : `${tenths.format(ms / 1000)} s`),
  };
}
