"""What someone had not seen cannot have been meant: removals, archives and clearings of things unread."""

from __future__ import annotations

from pathlib import Path

from tests.engine.worlds import Product, SideSpec, coarse_status, labels, note, parent, status, title


def three(path: Path) -> Product:
    return Product(path / "s.db", {s: SideSpec((title(s), note(s), labels(s))) for s in "abc"})


def test_an_edit_the_remover_had_not_seen_beats_the_removal_though_it_was_taken_before(tmp_path: Path) -> None:
    product = three(tmp_path)
    product.tables["a"].add({"title": "O"})
    product.settle()
    product.tables["a"].trash(product.only("a"))
    product.tables["c"].edit(product.only("c"), {"note": "unseen by the remover"})
    product.sync()  # reads what changed, which no removal is: the edit is taken, and reaches b
    product.settle()

    assert [["unseen by the remover"]] * 3 == [product.shows(s, "note") for s in "abc"]


def test_a_second_removal_is_not_beaten_by_the_same_edit(tmp_path: Path) -> None:
    product = three(tmp_path)
    product.tables["a"].add({"title": "O"})
    product.settle()
    product.tables["a"].trash(product.only("a"))
    product.tables["c"].edit(product.only("c"), {"note": "N"})
    product.settle()
    product.tables["a"].trash(product.only("a"))
    product.settle()

    assert [[], [], []] == [product.shows(s) for s in "abc"]


def test_a_record_edited_since_it_was_listed_is_not_archived(tmp_path: Path) -> None:
    product = three(tmp_path)
    for name in ("O", "p", "q", "r"):
        product.tables["a"].add({"title": name})
    product.settle()
    last = {str(f["title"]): ref for ref, f in product.tables["a"].live().items()}["r"]
    other = {str(f["title"]): ref for ref, f in product.tables["b"].live().items()}["r"]
    product.tables["a"].edit(last, {"note": "not listed"})
    product.tables["b"].trash(other)
    product.tables["a"].cut_listing = True
    product.sync(full=True)
    product.settle()

    assert ["not listed"] * 3 == [v for s in "abc" for v in product.shows(s, "note") if v]


def test_a_listing_that_is_capped_and_calls_itself_complete_removes_nothing(tmp_path: Path) -> None:
    product = three(tmp_path)
    refs = [product.tables["a"].add({"title": name}) for name in "pqrstu"]
    product.settle()
    for ref in refs[2:]:
        product.tables["a"].rows[ref].inside = False
    plan, _ = product.sync(full=True)

    assert plan.actions == ()
    assert [list("pqrstu")] * 3 == [sorted(map(str, product.shows(s))) for s in "abc"]


def test_a_relation_that_is_no_longer_shared_with_us_is_not_cleared_elsewhere(tmp_path: Path) -> None:
    product = Product(tmp_path / "s.db", {s: SideSpec((title(s), parent(s))) for s in "ab"})
    top = product.tables["a"].add({"title": "top"})
    leaf = product.tables["a"].add({"title": "leaf", "parent": top})
    product.settle()
    product.tables["a"].unreadable = {"parent": "not shared with us"}
    product.tables["a"].edit(leaf, {"title": "leaf, renamed"})
    plan, _ = product.sync(full=True)

    shown = {str(f["title"]): f["parent"] for f in product.tables["b"].live().values()}
    assert shown.keys() == {"top", "leaf, renamed"}
    assert shown["leaf, renamed"] is not None
    assert any("not shared with us" in line for line in plan.notes)


def test_what_nobody_could_read_is_not_written_over_when_its_record_comes_back(tmp_path: Path) -> None:
    specs = {
        "n": SideSpec((title("n"), status("n"))),
        "j": SideSpec((title("j"), coarse_status("j", unmapped=("Odd",)))),
    }
    product = Product(tmp_path / "s.db", specs)
    product.tables["n"].add({"title": "O", "status": "idea"})
    product.settle()
    product.tables["j"].edit(product.only("j"), {"status": "Odd"})
    product.settle()
    product.tables["j"].trash(product.only("j"))
    product.tables["n"].edit(product.only("n"), {"status": "doing"})
    product.settle()

    assert (["doing"], ["Odd"]) == (product.shows("n", "status"), product.shows("j", "status"))
    product.tables["j"].trash(product.only("j"))
    product.settle()
    assert [[], []] == [product.shows(s) for s in "nj"]
