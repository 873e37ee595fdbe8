
"use strict";

// Numbers and times as people read them. Durations are in seconds.

const counts = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

// With two or three digits.
function digits(value) {
  if (value >= 999.5) return counts.format(value);
  if (value >= 9.95) return value.toFixed(0);
  if (value >= 0.995) return value.toFixed(1);
  return value.toFixed(2);
}

function showRate(value) {
  return value > 0 ? digits(value) : "0";
}

function showDuration(value) {
  if (value === null) return "–";
  if (value === 0) return "0 ms";
  return value >= 0.9995 ? `${digits(value)} s` : `${digits(value * 1e3)} ms`;
}

function showPercent(share) {
  if (share <= 0) return "0 %";
  if (share < 0.001) return "< 0.1 %";
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

function showNumber(value) {
  return value === null ? "–" : showRate(value);
}

function showBytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; value >= 1024 && unit + 1 < units.length; ++unit) value /= 1024;
  return `${digits(value)} ${units[unit]}`;
}

// Unix time as the clock on the wall shows it, with the day unless it is today.
function showTime(unix) {
  const time = new Date(unix * 1e3);
  const pad = (number) => String(number).padStart(2, "0");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(pad).join(":");
  if (time.toDateString() === new Date().toDateString()) return clock;
  return `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())} ${clock}`;
}

// "12 s", "5 min", "3 h", "2 days".
function showAge(seconds) {
  if (seconds < 100) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  if (seconds < 360000) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}
