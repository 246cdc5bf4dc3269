// Drives a headless Chromium for tests/pipeline/browser.rs: one JSON command a line on standard input, one JSON answer
// a line on standard output. What a step finds wrong is an error with words; nothing here knows bantin's insides.
import { readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.env.BANTIN_BROWSER + "/package.json");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const shots = process.env.BANTIN_SHOTS;
mkdirSync(shots, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.BANTIN_CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });

const fail = (words) => { throw new Error(words); };
let page, context, strangers;

// A reader with JavaScript off. Everything that is loaded is watched: from elsewhere only pictures may come.
async function reader({ url, lang, width }) {
  await context?.close();
  context = await browser.newContext({ javaScriptEnabled: false, locale: lang, viewport: { width, height: 800 }, acceptDownloads: true });
  strangers = [];
  context.on("request", (request) => {
    const own = request.url().startsWith(url);
    if (!own && request.resourceType() !== "image") strangers.push(`${request.resourceType()} ${request.url()}`);
    if (["script", "font", "fetch", "xhr", "websocket"].includes(request.resourceType())) strangers.push(`${request.resourceType()} ${request.url()}`);
  });
  page = await context.newPage();
}

async function settled(want) {
  const status = await page.locator("html").getAttribute("lang");
  if (want.lang && status !== want.lang) fail(`${page.url()}: the page is in ${status}, not ${want.lang}`);
  if (want.heading) {
    const heading = await page.locator("h1").innerText();
    if (heading !== want.heading) fail(`${page.url()}: the heading is ${JSON.stringify(heading)}, not ${JSON.stringify(want.heading)}`);
  }
  if (strangers.length) fail(`loaded from elsewhere: ${strangers.join(", ")}`);
}

const steps = {
  reader,
  // Opens an address, follows links and presses buttons by their words, fills fields by their labels.
  async go({ path, ...want }) {
    const answer = await page.goto(path);
    if (want.status && answer.status() !== want.status) fail(`${path}: ${answer.status()}, not ${want.status}`);
    await settled(want);
  },
  async click({ role, name, within, ...want }) {
    const place = within ? page.locator(within) : page;
    await place.getByRole(role, { name, exact: true }).first().click();
    await page.waitForLoadState("load");
    await settled(want);
  },
  async fill({ label, value }) { await page.getByLabel(label, { exact: true }).fill(value); },
  async check({ label }) { await page.getByLabel(label, { exact: true }).check(); },
  async select({ label, value }) { await page.getByLabel(label, { exact: true }).selectOption(value); },
  async selected({ label }) { return page.getByLabel(label, { exact: true }).inputValue(); },
  async text() { return page.locator("main").innerText(); },
  async where() { return page.url(); },
  async back(want) { await page.goBack(); await settled(want); },
  // A form has to be open for a second before it is sent.
  async rest({ ms }) { await page.waitForTimeout(ms); },
  async download({ name }) {
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name, exact: true }).click();
    return readFileSync(await (await waiting).path(), "utf8");
  },
  // With the keyboard alone: where Tab leads, and whether the focus can be seen.
  async tabs({ count }) {
    const seen = [];
    for (let n = 0; n < count; n++) {
      await page.keyboard.press("Tab");
      seen.push(await page.locator(":focus").evaluateAll((all) => all.map((one) => one.textContent.trim() || one.name).join()));
    }
    return seen;
  },
  // axe in both colour schemes and all widths, and a picture of each; `first`: what is filled in and pressed before.
  async look({ name, path, file, widths, rules, first = [] }) {
    const own = await browser.newContext({ locale: "vi", viewport: { width: widths[0], height: 900 } });
    const one = await own.newPage();
    const found = [];
    try {
      if (file) await one.setContent(readFileSync(file, "utf8"), { waitUntil: "load" });
      else await one.goto(path);
      const unfold = () => one.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
      for (const { label, value, rest, button } of first) {
        await unfold();
        if (label) await one.getByLabel(label, { exact: true }).fill(value);
        else if (rest) await one.waitForTimeout(rest);
        else {
          await one.locator("main").getByRole("button", { name: button, exact: true }).first().click();
          await one.waitForLoadState("load");
        }
      }
      // What is folded is looked at too.
      await unfold();
      await one.evaluate(axe);
      for (const width of widths) {
        await one.setViewportSize({ width, height: 900 });
        const wide = await one.evaluate(() => document.scrollingElement.scrollWidth);
        if (wide > width) found.push(`${name} at ${width} px is ${wide} px wide`);
        for (const colorScheme of ["light", "dark"]) {
          await one.emulateMedia({ colorScheme });
          // Everything once in each scheme and width; crosswise what can differ: contrast and room to press.
          const whole = (colorScheme === "light") === (width === widths[0]);
          const some = whole ? {} : { runOnly: ["color-contrast", "target-size", "link-in-text-block"] };
          const { violations } = await one.evaluate((options) => window.axe.run(document, options), { rules: { "target-size": { enabled: true }, ...rules }, ...some });
          for (const violation of violations.filter((v) => ["serious", "critical"].includes(v.impact))) {
            found.push(`${name}, ${colorScheme}, ${width} px: ${violation.id}: ${violation.help}: ${violation.nodes.map((n) => n.html).slice(0, 3).join(" ")}`);
          }
          await one.screenshot({ path: `${shots}/${name}-${width}-${colorScheme}.png`, fullPage: true });
        }
      }
    } finally { await own.close(); }
    return found;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { step, ...rest } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ ok: (await steps[step](rest)) ?? null }));
  } catch (error) {
    const where = page && !page.isClosed() ? page.url() : "";
    if (where) await page.screenshot({ path: `${shots}/failed.png`, fullPage: true }).catch(() => {});
    console.log(JSON.stringify({ error: `${step} ${JSON.stringify(rest)} at ${where}: ${error.message}` }));
  }
}
await browser.close();
