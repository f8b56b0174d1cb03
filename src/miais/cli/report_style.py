"""The frame and the style of the demo's page: light and dark, narrow and wide, nothing loaded from elsewhere."""

from string import Template

PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>miais demo: $verdict</title>
<style>$style</style>
</head>
<body>
<header>
<p class="badge $verdict_class">$verdict</p>
<h1>A face in a photograph</h1>
<p class="lead">One face was hidden in $cover_count photographs. The person was then recognised on the saved PNG files
without restoring the face; a second system also restored it. All numbers were measured from the saved files, read
again.</p>
<div class="tiles">$tiles</div>
</header>
<main>
<section><h2>Look for yourself</h2>
<p>Click a picture to see it in full. What changed is shown $gain times as strong, on grey.</p>
$covers</section>
<section><h2>Fidelity</h2>
<p>Container against cover, restored secret against secret at $restored_size px. Higher is better; 1 is equal for
MS-SSIM.</p>
$fidelity</section>
<section><h2>Recognition</h2>
<p>Every face below was hidden in a photograph too. Its container was compared with the $cover_count containers that
hide the secret. A distance below <strong>$threshold</strong> means &ldquo;same person&rdquo;: the threshold of
$recogniser for a false-accept rate of $far.</p>
$plot
$comparisons
<p class="note"><strong>How far this goes.</strong> Only one photograph of this astronaut is bundled: her other views
were made by cropping and lighting from that one photograph, which is easier than other photographs of her. The other
people are one colour photograph and faces of 25x25 grey pixels, enlarged with their borders continued, which differ in
more than the person. LFW, where those come from, also gave the people that the systems were trained on. The numbers to
judge a system by are in its card and come from <code>miais evaluate</code>.</p></section>
<section><h2>Checks</h2>
<ul class="checks">$checks</ul></section>
</main>
<footer>
<p>$systems. $seconds seconds. The pictures are in the folders beside this page, the numbers in
<code>report.json</code>.</p>
<p>Photographs: astronaut Eileen Collins (NASA, public domain), camera (Lav Varshney, CC0), chelsea (Stefan van der
Walt, CC0), coffee (Rachel Michetti, CC0), rocket (SpaceX, public domain) and the LFW subset, from scikit-image; Grace
Hopper (James S. Davis, US Navy, public domain), from matplotlib.</p>
</footer>
</body>
</html>
""")

STYLE = """
:root { --page: #f6f7f9; --panel: #fff; --ink: #1b1f24; --soft: #5b6470; --line: #dfe3e8; --good: #11734b;
  --bad: #b3261e; --other: #8a4b08; --good-tint: #e0f3ea; --bad-tint: #fbe5e3; }
@media (prefers-color-scheme: dark) { :root { --page: #14171b; --panel: #1d2126; --ink: #e8eaed; --soft: #a2abb6;
  --line: #343a42; --good: #5fd3a0; --bad: #ff8a80; --other: #f0b36b; --good-tint: #173529; --bad-tint: #3d1f1d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 2rem 1.25rem 3rem; background: var(--page); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
h1 { margin: .5rem 0; font-size: clamp(1.7rem, 5vw, 2.5rem); line-height: 1.15; }
h2 { margin: 3rem 0 .25rem; font-size: 1.4rem; }
h3 { margin: 0 0 .75rem; font-size: 1.05rem; text-transform: capitalize; }
h3 span { color: var(--soft); font-weight: 400; }
.lead { max-width: 46rem; font-size: 1.1rem; color: var(--soft); }
.badge { display: inline-block; margin: 0; padding: .2rem .75rem; border-radius: 1rem; font-weight: 600; }
.passed { background: var(--good-tint); color: var(--good); }
.failed { background: var(--bad-tint); color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; margin-top: 1.5rem; }
.tile, .cover, .table, .plot { background: var(--panel); border: 1px solid var(--line); border-radius: .75rem; }
.tile { padding: .9rem 1.1rem; }
.tile b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: .9rem; }
.cover { margin: 1rem 0; padding: 1.1rem; }
.strip { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 45%), 1fr)); gap: 1rem; }
figure { position: relative; margin: 0; }
figure img { display: block; width: 100%; aspect-ratio: 3 / 2; object-fit: contain; border-radius: .4rem;
  background: var(--page); cursor: zoom-in; }
figcaption { margin-top: .35rem; font-size: .85rem; color: var(--soft); }
figcaption b { color: var(--ink); }
figure input { position: absolute; opacity: 0; }
figure input:focus-visible + img { outline: 3px solid var(--good); }
figure input:checked + img { position: fixed; inset: 0; z-index: 1; height: 100%; aspect-ratio: auto;
  border-radius: 0; background: var(--page); cursor: zoom-out; }
.table { margin: 1rem 0; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: .5rem .75rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
.face { display: flex; gap: .9rem; align-items: center; min-width: 15rem; white-space: normal; }
tr:last-child td { border-bottom: 0; }
thead th { color: var(--soft); font-weight: 600; white-space: normal; vertical-align: bottom; }
.face img { flex: none; width: 3.2rem; height: 3.2rem; border-radius: .35rem; }
.right { color: var(--good); }
.wrong { color: var(--bad); font-weight: 600; }
.plot { padding: 1rem; overflow-x: auto; }
.plot svg { display: block; width: 100%; min-width: 36rem; height: auto; }
.plot text { fill: var(--soft); font-size: 13px; }
.note { padding-left: 1rem; border-left: 4px solid var(--line); color: var(--soft); }
.checks { list-style: none; padding: 0; }
.checks li { padding: .35rem 0; border-bottom: 1px solid var(--line); }
.checks span { color: var(--soft); }
footer { margin-top: 3rem; font-size: .85rem; color: var(--soft); }
"""
