import { darkTheme, fontFamily, lightTheme, type Theme, themeColors } from "./theme.ts";

const declare = (theme: Theme): string =>
  Object.entries(themeColors(theme))
    .map(([name, color]) => `--${name}:${color};`)
    .join("");

/** The style sheet of a page: nothing is loaded from elsewhere, and paper is always light. */
export const pageStyle = `
:root{color-scheme:light dark;${declare(lightTheme)}}
@media screen and (prefers-color-scheme:dark){:root{${declare(darkTheme)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--background);color:var(--text);font:1.0625rem/1.6 ${fontFamily};
  font-feature-settings:"kern";text-rendering:optimizeLegibility}
main{max-width:60rem;margin:0 auto;padding:3.5rem 1.25rem 5rem}
header,section,footer{max-width:46rem;margin-inline:auto}
.wide{max-width:60rem}
.wide>h2{max-width:46rem;margin-inline:auto}
h1{font-size:2rem;line-height:1.2;letter-spacing:-.02em;font-weight:650;margin:0 0 1.5rem;text-wrap:balance}
h2{font-size:1.25rem;line-height:1.3;letter-spacing:-.01em;font-weight:650;margin:3.25rem 0 .75rem}
h3{font-size:1.0625rem;font-weight:650;margin:1.5rem 0 .25rem}
p{margin:0 0 1rem;text-wrap:pretty}
.label{display:block;color:var(--muted);font-size:.875rem;margin-bottom:.125rem}
.question{font-size:1.25rem;line-height:1.45;text-wrap:pretty}
.answer{margin:2rem 0 0;padding:1.25rem 1.5rem;border:1px solid var(--rule);border-radius:.5rem}
.answer p{font-size:1.25rem;line-height:1.45;font-weight:550;margin:0}
.answer .basis{font-size:.9375rem;font-weight:400;color:var(--muted);margin-top:.5rem}
figure{margin:0 0 2.75rem}
figure svg{display:block;width:100%;height:auto;border:1px solid var(--grid);border-radius:.5rem}
figcaption,.note{color:var(--muted);font-size:.9375rem;line-height:1.5;max-width:46rem;margin:.625rem auto 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9375rem;line-height:1.4;font-variant-numeric:tabular-nums lining-nums}
th,td{text-align:left;vertical-align:baseline;padding:.3125rem .75rem .3125rem 0}
th.number,td.number{text-align:right;white-space:nowrap}
tr>:last-child{padding-right:0}
thead th{font-weight:500;color:var(--muted);border-bottom:1px solid var(--rule)}
tbody th{font-weight:650;padding-top:1rem}
tbody td{border-bottom:1px solid var(--grid)}
.unchecked{color:var(--muted)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.5rem;margin:0;font-size:.9375rem;font-variant-numeric:tabular-nums}
dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
code{font:.875em ui-monospace,"SF Mono",Menlo,Consolas,monospace}
@media (max-width:40rem){main{padding-top:2rem}h1{font-size:1.625rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}
@media print{body{font-size:10pt}main{padding:0;max-width:none}h2{break-after:avoid;margin-top:1.5rem}
  figure,tr,.answer{break-inside:avoid}.scroll{overflow:visible}}
`.trim();
