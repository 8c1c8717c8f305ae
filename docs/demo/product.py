"""The demo's product, as everybody would tell it if they agreed: Trailhead, an app for hikers.

`seed.py` says what each tool shows of it on the first day.
"""

from __future__ import annotations

from typing import NamedTuple


class Person(NamedTuple):
    """A human; `key` begins their e-mail address and their accounts."""

    key: str
    name: str
    email: str


class Goal(NamedTuple):
    """What the year is for."""

    title: str
    objective: str
    status: str
    owner: str
    start: str
    end: str


class Release(NamedTuple):
    """What ships together."""

    title: str
    date: str
    state: str


class Feature(NamedTuple):
    """A roadmap item. `on`: who knows it on the first day: j(ira), n(otion), w(orkbook)."""

    title: str
    on: str
    status: str
    owner: str
    goals: tuple[int, ...]
    release: int
    start: str
    due: str
    reach: int
    impact: float
    confidence: int
    effort: float
    moscow: str
    kano: str
    body: tuple[str, ...] = ()


class Epic(NamedTuple):
    """A body of work under a feature, with its stories."""

    title: str
    feature: str
    status: str
    owner: str
    sprint: str
    stories: tuple[Story, ...]


class Story(NamedTuple):
    """Something a hiker can do: points, what they want, and when it is done, `;` between criteria."""

    title: str
    points: int
    want: str
    accepted: str


class Bug(NamedTuple):
    """Something that does not work."""

    title: str
    severity: str
    priority: str
    owner: str
    affects: str
    status: str = "To Do"


PEOPLE = [
    Person(key, name, f"{key}@trailhead.example")
    for key, name in (
        ("ann", "Ann Okafor"), ("bjorn", "Björn Lindqvist"), ("chiara", "Chiara Rossi"), ("dmitri", "Дмитрий Петров"),
        ("emiko", "田中 恵美子"), ("farid", "Farid Haddad"), ("greta", "Greta Müller"), ("hugo", "Hugo Alves"),
    )
]  # fmt: skip

GOALS = [
    Goal("Plan a trip in ten minutes", "Half of all trips are planned in under ten minutes", "doing", "ann",
         "2026-07-01", "2027-06-30"),
    Goal("Nobody is lost without signal", "No rescue call because our map was blank", "doing", "bjorn",
         "2026-07-01", "2027-06-30"),
    Goal("Vereine bringen ihre Mitglieder", "200 Vereine planen ihre Touren mit uns", "planned", "greta",
         "2027-01-01", "2027-12-31"),
    Goal("日本の山でも安心", "日本の登山者の月間利用者を三万人にする", "planned", "emiko", "2027-01-01", "2027-12-31"),
]  # fmt: skip

RELEASES = [
    Release("2026.4", "2026-10-20", "Released"),
    Release("2027.1", "2027-02-09", "Planned"),
    Release("2027.2", "2027-05-18", "Planned"),
]
SPRINTS = ("Sprint 23", "Sprint 24")

FEATURES = [
    Feature("Offline maps", "jnw", "doing", "bjorn", (1,), 1, "2026-09-01", "2027-01-29", 12000, 3, 80, 8, "Must",
            "Must-be", ("A hiker downloads a region at home and walks without signal.",
                        "Not in this feature: satellite pictures.")),
    Feature("Route sharing", "jnw", "doing", "hugo", (0, 2), 1, "2026-10-05", "2027-01-15", 9000, 2, 90, 3, "Must",
            "Performance", ("One link opens the route, with or without the app.",)),
    Feature("Wetterwarnungen auf der Tour", "jnw", "planned", "greta", (1,), 1, "2026-12-01", "2027-02-01", 7000, 2,
            70, 5, "Should", "Performance", ("Amtliche Warnungen entlang der geplanten Route, auf Deutsch und "
                                             "Englisch.",)),
    Feature("Mode nuit", "jnw", "done", "chiara", (0,), 0, "2026-08-03", "2026-10-09", 4000, 1, 100, 1, "Could",
            "Attractive", ("Une carte lisible à la lampe frontale.",)),
    Feature("雪崩情報", "nw", "planned", "emiko", (1, 3), 2, "2027-02-01", "2027-05-07", 1500, 3, 50, 8, "Should",
            "Must-be", ("公式の雪崩情報を地図に重ねて表示する。", "対象は北アルプスから始める。")),
    Feature("Club calendars", "nw", "planned", "greta", (2,), 2, "2027-02-15", "2027-04-30", 3000, 2, 60, 5, "Could",
            "Attractive", ("Clubs publish their tours; members join with one tap.",)),
    Feature("Photo journal", "jnw", "doing", "chiara", (0,), 1, "2026-10-12", "2027-01-22", 8000, 1, 80, 4, "Should",
            "Attractive"),
    Feature("Emergency beacon", "jnw", "planned", "bjorn", (1,), 2, "2027-01-11", "2027-05-14", 11000, 3, 60, 13,
            "Must", "Must-be", ("One button tells the rescue service and two friends where you are.",
                                "It must work on the last three percent of the battery.")),
    Feature("Gear lists", "nw", "planned", "ann", (0,), 1, "2026-12-07", "2027-01-29", 2500, 1, 70, 2, "Could",
            "Indifferent"),
    Feature("Elevation profiles", "jnw", "done", "dmitri", (0,), 0, "2026-07-06", "2026-10-02", 10000, 2, 100, 3,
            "Must", "Performance"),
    Feature("Smartwatch companion", "nw", "planned", "hugo", (1,), 2, "2027-03-01", "2027-06-25", 5000, 2, 50, 13,
            "Won't", "Attractive"),
    Feature("Trail conditions", "jn", "doing", "farid", (1,), 1, "2026-11-02", "2027-01-29", 9500, 3, 70, 6, "Must",
            "Performance", ("Hikers report mud, ice and fallen trees; reports fade after a week.",)),
    Feature("Навигация до приюта", "jn", "planned", "dmitri", (1,), 2, "2027-02-01", "2027-04-16", 3500, 2, 60, 4,
            "Should", "Performance", ("Маршрут до ближайшего приюта одним касанием.",)),
    Feature("Trilhas acessíveis", "n", "idea", "hugo", (0,), 2, "2027-03-08", "2027-05-14", 2000, 3, 50, 6, "Should",
            "Attractive", ("Percursos para cadeiras de rodas e carrinhos de bebé.",)),
    Feature("Family routes", "w", "planned", "ann", (), 2, "2027-03-01", "2027-04-23", 6000, 2, 60, 4, "Should", ""),
    Feature("Two-factor login", "j", "planned", "dmitri", (), 1, "", "2027-01-18", 0, 0, 0, 0, "", "",
            ("A code from an app after the password. Asked for by two clubs.",)),
]  # fmt: skip

EPICS = [
    Epic("Download a region", "Offline maps", "In Progress", "bjorn", "Sprint 23", (
        Story("Pick a region on the map", 3, "to choose what I take along", "the size is shown before the download;"
              "a region can be named"),
        Story("Resume a broken download", 5, "to go on where the train lost its signal", "it goes on by itself;"
              "nothing is loaded twice"),
        Story("Delete regions I no longer need", 2, "to get my storage back", "the freed space is shown"),
        Story("Update a region over Wi-Fi", 5, "to have fresh paths without paying for data", "only over Wi-Fi;"
              "at night by default"),
    )),
    Epic("Find my place without signal", "Offline maps", "To Do", "dmitri", "Sprint 24", (
        Story("Show my position on the offline map", 3, "to know where I am", "within ten metres;within two seconds"),
        Story("Search peaks and huts offline", 8, "to find a name from the signpost", "accents do not matter;"
              "results in half a second"),
        Story("Warn before the map ends", 3, "not to walk off the map", "one kilometre before the edge"),
        Story("Kompass auf der Offline-Karte", 2, "to turn the map into my direction", "dreht sich ruhig;"
              "funktioniert ohne GPS"),
    )),
    Epic("Share with a link", "Route sharing", "In Progress", "hugo", "Sprint 23", (
        Story("Send a route as a link", 3, "to show friends where we go", "it opens without the app;"
              "it shows the start time"),
        Story("Stop sharing", 2, "to take a link back", "the old link says so politely"),
        Story("See who joined", 3, "to know whom to wait for", "names only, no addresses"),
        Story("Copiar uma rota partilhada", 2, "to change a friend's route for me", "a cópia é minha;"
              "o original não muda"),
    )),
    Epic("Warnungen entlang der Route", "Wetterwarnungen auf der Tour", "To Do", "greta", "Sprint 24", (
        Story("Amtliche Warnungen abrufen", 5, "to hear of storms in time", "alle 15 Minuten;Quelle wird genannt"),
        Story("Warnung auf dem Sperrbildschirm", 3, "to see it with gloves on", "lesbar in der Sonne;"
              "einmal je Warnung"),
        Story("Umkehrpunkt vorschlagen", 8, "to know when to turn round", "mit Zeit bis zur nächsten Hütte"),
        Story("Set what I want to be warned of", 2, "not to be woken for drizzle", "wind, thunder, snow apart"),
    )),
    Epic("Lire la carte la nuit", "Mode nuit", "Done", "chiara", "", (
        Story("Passer en mode nuit au coucher du soleil", 2, "to keep my eyes used to the dark", "automatique;"
              "réglable à la main"),
        Story("Éclairage rouge", 1, "not to blind my friends", "moins de dix lux"),
        Story("Garder le contraste des sentiers", 3, "to tell paths from streams", "rapport de contraste de 4,5"),
    )),
    Epic("Pictures on the map", "Photo journal", "In Progress", "chiara", "Sprint 23", (
        Story("Place photos where they were taken", 3, "to remember the way", "works without GPS data, by time"),
        Story("Write a line under a photo", 2, "to tell what it was", "two hundred characters;emoji work"),
        Story("写真を日付順に並べる", 2, "to see a trip in order", "撮影日時の順;時差を考える"),
        Story("Make a book of a trip", 8, "to give it to my parents", "a PDF;twenty pages at most"),
    )),
    Epic("One button for help", "Emergency beacon", "To Do", "bjorn", "Sprint 24", (
        Story("Press and hold for help", 5, "not to call by mistake", "three seconds;works with gloves"),
        Story("Tell two friends", 3, "that somebody knows", "by SMS where there is no data"),
        Story("Save the last of the battery", 8, "to be found after hours", "six hours on three percent"),
        Story("Cancel a call for help", 3, "to say that all is well", "asks for the code;tells the friends"),
    )),
    Epic("Profile of a climb", "Elevation profiles", "Done", "dmitri", "", (
        Story("Show the profile of a route", 3, "to know what awaits me", "metres or feet;steep parts are red"),
        Story("Уклон в процентах", 2, "to compare climbs", "средний и максимальный"),
        Story("Touch the profile to see the place", 3, "to find the steep part on the map", "both ways"),
    )),
    Epic("Reports by hikers", "Trail conditions", "In Progress", "farid", "Sprint 23", (
        Story("Report ice or mud", 3, "to warn those behind me", "two taps;a photo is optional"),
        Story("Reports fade after a week", 2, "not to read old news", "seven days;renewed by a second report"),
        Story("Thank a reporter", 1, "to make them do it again", "once per report"),
        Story("Hide wrong reports", 5, "to trust what I read", "three hikers agree;the author is told"),
    )),
    Epic("Путь до приюта", "Навигация до приюта", "To Do", "dmitri", "Sprint 24", (
        Story("Показать ближайшие приюты", 3, "to find a roof in bad weather", "пять ближайших;с высотой"),
        Story("Свободные места", 5, "not to stand before a closed door", "обновляется раз в час"),
        Story("Позвонить в приют", 1, "to ask for a bed", "номер виден без сети"),
    )),
]  # fmt: skip

BUGS = [
    Bug("Map tiles are blurred on older phones", "Minor", "Low", "bjorn", "2026.4"),
    Bug("Login loops after a password change", "Critical", "Highest", "dmitri", "2026.4", "In Progress"),
    Bug("Höhenprofil zeigt Fuß statt Meter", "Minor", "Medium", "dmitri", "2026.4"),
    Bug("Crash when the battery saver is on", "Critical", "Highest", "hugo", "2026.4", "In Review"),
    Bug("Le partage ouvre une page blanche", "Critical", "High", "hugo", "2026.4"),
    Bug("GPS drifts in narrow valleys", "Minor", "Medium", "bjorn", "2026.4"),
    Bug("写真の順番が逆になる", "Minor", "Low", "chiara", "2026.4", "Done"),
    Bug("Notifications arrive twice", "Minor", "Medium", "farid", "2026.4"),
    Bug("Search ignores accents", "Minor", "Medium", "dmitri", "2026.4"),
    Bug("Dark mode leaves white borders", "Minor", "Low", "chiara", "2026.4", "Done"),
    Bug("A shared route loses its start time", "Critical", "High", "hugo", "2027.1"),
    Bug("Приложение не открывается без сети", "Critical", "Highest", "bjorn", "2027.1", "In Progress"),
    Bug("Hut names are cut after twenty letters", "Minor", "Low", "dmitri", "2027.1"),
    Bug("O mapa fica a preto depois de rodar o ecrã", "Minor", "Medium", "hugo", "2027.1"),
]  # fmt: skip
