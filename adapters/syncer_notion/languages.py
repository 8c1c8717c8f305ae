"""The languages that Notion's code blocks know; any other name is refused with 400 (facts: blocks)."""

from __future__ import annotations

KNOWN = frozenset({
    "abap", "abc", "agda", "arduino", "ascii art", "assembly", "bash", "basic", "bnf", "c", "c#", "c++",
    "clojure", "coffeescript", "coq", "css", "dart", "dhall", "diff", "docker", "ebnf", "elixir", "elm",
    "erlang", "f#", "flow", "fortran", "gherkin", "glsl", "go", "graphql", "groovy", "haskell", "hcl", "html",
    "idris", "java", "javascript", "json", "julia", "kotlin", "latex", "less", "lisp", "livescript", "llvm ir",
    "lua", "makefile", "markdown", "markup", "matlab", "mathematica", "mermaid", "nix", "notion formula",
    "objective-c", "ocaml", "pascal", "perl", "php", "plain text", "powershell", "prolog", "protobuf",
    "purescript", "python", "r", "racket", "reason", "ruby", "rust", "sass", "scala", "scheme", "scss", "shell",
    "smalltalk", "solidity", "sql", "swift", "toml", "typescript", "vb.net", "verilog", "vhdl", "visual basic",
    "webassembly", "xml", "yaml", "java/c/c++/c#",
})  # fmt: skip
"""Names as in the API's enumeration (Notion API description, 2026-03-11)."""

PLAIN = "plain text"
OTHER_NAMES = {
    "cpp": "c++", "csharp": "c#", "cs": "c#", "dockerfile": "docker", "fsharp": "f#", "golang": "go",
    "js": "javascript", "jsx": "javascript",
    "kt": "kotlin", "md": "markdown", "objc": "objective-c", "plaintext": PLAIN, "py": "python",
    "rb": "ruby", "rs": "rust", "sh": "shell", "text": PLAIN, "ts": "typescript", "tsx": "typescript", "yml": "yaml",
}  # fmt: skip


def named(language: str) -> str:
    """Return Notion's name of a language; plain text where it has none."""
    name = language.strip().lower()
    name = OTHER_NAMES.get(name, name)
    return name if name in KNOWN else PLAIN
