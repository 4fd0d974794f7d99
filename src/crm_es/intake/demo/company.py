"""What the demo company is: its people, its goods, its markets. Invented, all of it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

NAME = "Halmwerk"
"""Halmwerk makes heat pumps and controllers, and sells them to homes and to companies."""


class Product(NamedTuple):
    sku: str
    name: str
    category: str
    price: Decimal
    cost: Decimal


class Employee(NamedTuple):
    handle: str
    name: str
    team: str
    manager: str | None


PRODUCTS = (
    Product("HP-40", "Heat pump 4 kW", "heat pumps", Decimal(4200), Decimal(2650)),
    Product("HP-80", "Heat pump 8 kW", "heat pumps", Decimal(6900), Decimal(4300)),
    Product("HP-160", "Heat pump 16 kW", "heat pumps", Decimal(11800), Decimal(7700)),
    Product("CT-1", "Controller", "controllers", Decimal(320), Decimal(140)),
    Product("CT-2", "Controller with forecast", "controllers", Decimal(540), Decimal(210)),
    Product("BF-300", "Buffer tank 300 l", "tanks", Decimal(980), Decimal(610)),
    Product("BF-800", "Buffer tank 800 l", "tanks", Decimal(1650), Decimal(1090)),
    Product("SE-1", "Seal kit", "parts", Decimal("38.50"), Decimal("9.20")),
    Product("FI-1", "Filter set", "parts", Decimal("24.90"), Decimal("6.80")),
    Product("SV-1", "Yearly service", "services", Decimal(189), Decimal(95)),
    Product("SV-5", "Service for five years", "services", Decimal(795), Decimal(430)),
)

EMPLOYEES = (
    Employee("m.okafor", "Mara Okafor", "management", None),
    Employee("j.lind", "Jonas Lind", "sales north", "m.okafor"),
    Employee("a.duarte", "Ana Duarte", "sales south", "m.okafor"),
    Employee("t.brandt", "Tobias Brandt", "sales north", "j.lind"),
    Employee("s.eriksen", "Sofie Eriksen", "sales north", "j.lind"),
    Employee("p.novak", "Petr Novak", "sales north", "j.lind"),
    Employee("l.rossi", "Livia Rossi", "sales south", "a.duarte"),
    Employee("d.kaya", "Deniz Kaya", "sales south", "a.duarte"),
    Employee("h.weiss", "Hanna Weiss", "sales south", "a.duarte"),
    Employee("c.moreau", "Claire Moreau", "service", "m.okafor"),
    Employee("b.svensson", "Bo Svensson", "service", "c.moreau"),
    Employee("y.tanaka", "Yuki Tanaka", "service", "c.moreau"),
    Employee("e.popescu", "Elena Popescu", "marketing", "m.okafor"),
)
REPS = tuple(e.handle for e in EMPLOYEES if e.team.startswith("sales") and e.manager != "m.okafor")
AGENTS = tuple(e.handle for e in EMPLOYEES if e.team == "service")


class Market(NamedTuple):
    """Where it sells: the currency of its prices there, and what a euro of them becomes."""

    currency: str
    factor: Decimal


CURRENCY = "EUR"
"""It reports in euros."""
HOME = Market(CURRENCY, Decimal(1))
ABROAD = {"Denmark": Market("DKK", Decimal("7.5"))}
RATE = ("DKK", 100, Decimal("13.40"))
"""(currency, units, about what they are worth)."""

COUNTRIES = (
    ("Germany", 44), ("Austria", 17), ("Denmark", 11), ("France", 14), ("Italy", 8), ("Spain", 6),
)  # fmt: skip
"""Country and its share of the customers, in percent."""

FIRST_NAMES = (
    "Ada Aaron Bela Bruno Carla Cem Dora Emil Enzo Fatima Finn Greta Hugo Ida Ilias Jana Joris Kaja"
    " Karim Lena Leo Malik Mila Nils Nora Olga Oskar Paula Rafael Rosa Samir Selma Stefan Tilda Tom"
    " Uma Vera Viktor Wanda Yusuf Zoe"
).split()
LAST_NAMES = (
    "Adler Ahmadi Bauer Bergman Blanc Castro Costa Dahl Dubois Eder Farkas Fischer Garcia Gruber"
    " Haas Hansen Ivanov Jansen Keller Kowalski Lang Lehmann Lopez Maier Marini Moser Nagy Olsen"
    " Petrov Pohl Reiter Romano Sand Schmid Silva Stark Toth Vogel Wagner Weber Winkler Zeman"
).split()
TRADES = (
    "Bau Haustechnik Hotel Immobilien Klima Logistik Metall Molkerei Papier Solar Textil Verlag"
).split()
PLACES = (
    "Alster Birken Donau Eifel Fjord Garda Heide Isar Jura Kiel Lech Main Nord Oder Pyren Rhein"
    " Spree Tauern Unter Weser"
).split()
JOBS = (
    ("Managing director", "decider"), ("Head of facilities", "user"), ("Buyer", "buyer"),
    ("Energy manager", "influencer"),
)  # fmt: skip
"""Titles of those one speaks to at a company, and their part in buying."""
SEGMENTS = (("home", 78), ("small business", 17), ("industry", 5))
"""Segment and its share of the customers, in percent."""

ORIGINS = (
    ("organic_search", 31), ("paid_search", 22), ("trade_fair", 12), ("referral", 19),
    ("newsletter", 10), ("partner", 6),
)  # fmt: skip
LOSS_REASONS = ("price", "competitor", "no budget", "timing", "no answer", "product gap")
COMPETITORS = ("Thermaris", "Nordflux", "Calor & Co")
COMPLAINTS = ("noise", "leak", "late delivery", "invoice", "installation")
"""What customers complain of. Seal kits of one spring leak: see stories."""
