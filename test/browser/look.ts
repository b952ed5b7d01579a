import type { Page } from 'playwright-core';

/** Everything on a page that somebody could not see or use: empty when all is well. */
export async function faults(page: Page): Promise<string[]> {
  return [...(await overflowing(page)), ...(await unnamed(page)), ...(await faint(page))];
}

/** Elements that reach beyond the right edge of the screen and are in no box that scrolls or cuts. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const scrolls = (element: Element) => getComputedStyle(element).overflowX !== 'visible';
    const inBox = (element: Element): boolean => {
      const parent = element.parentElement;
      return parent !== null && parent !== document.body && (scrolls(parent) || inBox(parent));
    };
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !inBox(element))
      .map((element) => `beyond the edge: ${element.tagName} ${element.className}`);
  });
}

const CONTROLS = new Set([
  'button',
  'checkbox',
  'combobox',
  'img',
  'link',
  'listbox',
  'menuitem',
  'radio',
  'radiogroup',
  'searchbox',
  'switch',
  'tab',
  'textbox',
]);

/** Controls and pictures that the accessibility tree has no name for. */
async function unnamed(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  return nodes
    .filter(({ ignored, role }) => !ignored && CONTROLS.has(String(role?.value)))
    .filter(({ name }) => String(name?.value ?? '').trim() === '')
    .map(({ role, nodeId }) => `without a name: ${role?.value} (node ${nodeId})`);
}

/** Text with less contrast than 4.5 to 1 (WCAG 2.2, 1.4.3), save what is disabled, decoration, or drawn on a canvas. */
function faint(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    if (!canvas) throw new Error('the browser has no canvas');
    /** Red, green, blue and alpha, 0 to 255, of any colour that CSS can write. */
    const channels = (colour: string) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const over = (top: readonly number[], below: readonly number[]) => {
      const alpha = (top[3] ?? 255) / 255;
      return below.map((value, index) => (top[index] ?? 0) * alpha + value * (1 - alpha));
    };
    const background = (element: Element | null): readonly number[] =>
      element
        ? over(channels(getComputedStyle(element).backgroundColor), background(element.parentElement))
        : [255, 255, 255];
    const luminance = (colour: readonly number[]) => {
      const [red = 0, green = 0, blue = 0] = colour.map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const found = new Set<string>();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const element = node.parentElement;
      if (!element || !node.textContent?.trim()) continue;
      if (element.closest('[aria-hidden="true"], :disabled, [data-disabled], script, style, noscript')) continue;
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      const below = background(element);
      const [dark = 0, light = 0] = [
        luminance(over(channels(getComputedStyle(element).color), below)),
        luminance(below),
      ].sort((a, b) => a - b);
      const contrast = (light + 0.05) / (dark + 0.05);
      if (contrast < 4.5) found.add(`faint, ${contrast.toFixed(2)} to 1: ${element.tagName} ${element.className}`);
    }
    return [...found];
  });
}
