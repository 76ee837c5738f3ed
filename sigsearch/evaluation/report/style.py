"""The look of the page."""

STYLE = """
:root{--ink:#1c2024;--soft:#5b6470;--line:#d9dee4;--back:#fff;--weak:#fdf1e7}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:14px/1.45 system-ui,sans-serif}
main{max-width:1240px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:24px;margin:0 0 12px}
h2{font-size:19px;margin:36px 0 8px;border-bottom:2px solid var(--ink);padding-bottom:4px}
h3{font-size:15px;margin:20px 0 4px}
p{margin:2px 0 8px;color:var(--soft);max-width:95ch}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:13px}
th,td{padding:3px 10px 3px 0;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--soft);font-weight:600;vertical-align:bottom;white-space:normal}
tr.weak td{background:var(--weak)}tr.mean td{font-weight:600}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:12px}
.pairs{display:flex;flex-wrap:wrap;gap:12px}
figure{margin:0}
.pairs figure{border:1px solid var(--line);padding:6px;width:390px}
.pairs img{width:187px;height:auto}
.pairs img+img{border-left:1px solid var(--line)}
figcaption{color:var(--soft);font-size:12px;overflow-wrap:anywhere}
svg{width:100%;height:auto;font:11px system-ui,sans-serif;fill:var(--soft)}
svg .title{font-size:13px;font-weight:600;fill:var(--ink)}
svg .grid{stroke:var(--line);stroke-width:1}
svg .legend{paint-order:stroke;stroke:var(--back);stroke-width:3px}
"""
