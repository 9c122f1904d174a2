"use strict";
// What all parts of the page share: its data, and events. Times are milliseconds here, as in the data.
const report = { data: JSON.parse(document.getElementById("data").textContent), listeners: {} };

report.element = (id) => document.getElementById(id);
report.on = (event, listener) => (report.listeners[event] = report.listeners[event] || []).push(listener);
report.emit = (event, value) => (report.listeners[event] || []).forEach((listener) => listener(value));
report.length = report.data.seconds * 1000;

report.clock = (ms, tenths) => {
  const seconds = Math.floor(ms / 1000);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const text = `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
  return tenths ? `${text}.${Math.floor(ms / 100) % 10}` : text;
};

// The last index in a sorted list whose value is at most `value`; -1 where there is none.
report.last = (list, value) => {
  let low = 0,
    high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

report.colours = () => {
  const style = getComputedStyle(document.documentElement);
  const names = [
    "ink",
    "soft",
    "line",
    "card",
    "interviewee",
    "interviewer",
    "overlap",
    "gesture",
    "doubt",
    "wave",
    "current",
    "accent",
    "fixed",
    "edge",
  ];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
};
report.colour = (colours, speaker) => colours[report.roleOf(speaker)] || colours.soft;

// The drawing context of a canvas that is resized to device pixels; drawing is in CSS pixels.
report.context = (canvas, width, height) => {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
};
