"""Put the demo's dashboards and pages into its snapshot.

    python demo/write.py public/demo.halimede.zip

Reads demo/boards.json and demo/pages/<project>/**.md; replaces what an earlier run put there. Only the
standard library. The grammar of a dashboard's text is that of a link: src/pages/board/spec.rs.
"""

import hashlib
import json
import pathlib
import sys
import urllib.parse
import zipfile

HERE = pathlib.Path(__file__).resolve().parent


def value(text):
    return urllib.parse.quote(str(text), safe="/@-_.~:!")


def view(board, project):
    widgets = []
    for n, (kind, at, settings) in enumerate(board["widgets"], 1):
        pairs = ((k, v.replace("{project}", project)) for k, v in settings.items())
        settings = ";".join(f"{value(k).replace(':', '%3A')}:{value(v)}" for k, v in pairs)
        widgets.append(f"{kind}*{n}*{'.'.join(map(str, at))}" + (f"*{settings}" if settings else ""))
    return f"{board['view']}&board={','.join(widgets)}"


def main():
    path = pathlib.Path(sys.argv[1])
    with zipfile.ZipFile(path) as archive:
        entries = {i.filename: archive.read(i) for i in archive.infolist()}
    stamp = zipfile.ZipInfo("x").date_time
    manifest = json.loads(entries.pop("manifest.json"))
    entries = {n: d for n, d in entries.items() if not n.startswith(("dashboards/", "pages/", "pages.jsonl"))}
    ids = {p["name"]: p["id"] for p in manifest["projects"]}
    for n, board in enumerate(json.loads((HERE / "boards.json").read_text()), 1):
        project = ids[board["project"]]
        wire = {"project": project, "name": board["name"], "view": view(board, project)}
        entries[f"dashboards/{n}.json"] = json.dumps(wire, ensure_ascii=False).encode()
    lines = []
    for file in sorted((HERE / "pages").rglob("*.md")):
        name, *rest = file.relative_to(HERE / "pages").with_suffix("").parts
        page = {"project": ids[name], "path": "/".join(rest), "at": manifest["created"], "by": "the demo"}
        lines.append(json.dumps(page, ensure_ascii=False) + "\n")
        entries[f"pages/{ids[name]}/{page['path']}.md"] = file.read_bytes()
    entries["pages.jsonl"] = "".join(lines).encode()
    manifest["files"] = {n: hashlib.sha256(d).hexdigest() for n, d in entries.items()}
    entries = {"manifest.json": json.dumps(manifest, ensure_ascii=False, indent=1).encode(), **entries}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            packed = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, stamp), data, packed, 9)
    print(f"{path}: {len(lines)} pages, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
