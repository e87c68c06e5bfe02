"""A verifier of draws of windfall/2, written from src/fairness/SPECIFICATION.md alone. Numbers in comments are its.

    python3 verifier.py FILE     a JSON text on each line; "-" reads standard input

Each line is a proof, or {"receipt": a receipt, "keys": a list of receipt keys}. Prints a line for each, VALID or
INVALID with the first reason, and exits with 1 if one is not valid.
"""

import hashlib
import hmac
import json
import re
import sys
from datetime import datetime

LARGEST = 2**53 - 1
HASH = r"[0-9a-f]{64}"
PLAYER = r"[0-9a-f]{32}"
CHAIN = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"


class Invalid(Exception):
    pass


def require(holds, reason):
    if not holds:
        raise Invalid(reason)


def sha256(data):
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


# 1.2: the canonical form
def canonical(value):
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float):
        raise Invalid("a number is not an integer")
    return json.dumps(value, ensure_ascii=False)


def parse(text, what):
    try:
        value = json.loads(text)
        same = canonical(value) == text
        text.encode()
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{what} is not JSON: {error}")
    require(same, f"{what} is not canonical")
    return value


# 1.3 to 1.6: shapes. A shape is a function that raises Invalid.
def integer(least=0, most=LARGEST):
    def check(value, path):
        require(type(value) is int and least <= value <= most, f"{path} is no integer from {least} to {most}")

    return check


def text(pattern=None):
    def check(value, path):
        require(type(value) is str, f"{path} is no text")
        require(not re.search("[\ud800-\udfff]", value), f"{path} has a lone surrogate")
        require(pattern is None or re.fullmatch(pattern, value, re.ASCII | re.DOTALL), f"{path} has another form")

    return check


def boolean(value, path):
    require(type(value) is bool, f"{path} is neither true nor false")


def amount(value, path):
    text(r"(0|[1-9][0-9]{0,12})(\.[0-9]{0,5}[1-9])?")(value, path)


def time(value, path):
    text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")(value, path)
    try:
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        raise Invalid(f"{path} is no time")


def listed(shape, least, most):
    def check(value, path):
        require(type(value) is list and least <= len(value) <= most, f"{path} is no list of {least} to {most}")
        for index, one in enumerate(value):
            shape(one, f"{path}[{index}]")

    return check


def members(required, optional={}):
    def check(value, path):
        require(type(value) is dict, f"{path} is no object")
        for name in required:
            require(name in value, f"{path}.{name} is missing")
        for name, one in value.items():
            require(name in required or name in optional, f"{path}.{name} is not known")
            (required.get(name) or optional[name])(one, f"{path}.{name}")

    return check


def micros(text):
    whole, _, decimals = text.partition(".")
    return int(whole) * 10**6 + int(decimals.ljust(6, "0"))


def decimal(value):
    whole, rest = divmod(value, 10**6)
    return f"{whole}.{rest:06}".rstrip("0") if rest else str(whole)


# 3: random words
class Words:
    def __init__(self, seed, prefix):
        self.key, self.prefix, self.used, self.block = bytes.fromhex(seed), prefix, 0, b""

    def next(self):
        index, word = divmod(self.used, 4)
        if word == 0:
            self.block = hmac.new(self.key, f"{self.prefix}:{index}".encode(), hashlib.sha256).digest()
        self.used += 1
        return int.from_bytes(self.block[8 * word : 8 * word + 8], "big")

    def uniform(self, n):
        require(1 <= n <= 2**63, f"there is no uniform({n})")
        while True:
            word = self.next()
            if word < 2**64 // n * n:
                return word % n

    def weighted(self, weights):
        r = self.uniform(sum(weights))
        for index, weight in enumerate(weights):
            if r < weight:
                return index
            r -= weight

    def chance(self, p, q):
        return self.uniform(q) < p


# 6: recipe table
ITEM = {"code": text(), "kind": text(), "quantity": integer(1)}
EXPIRES = {"expires_after_seconds": integer(1)}
MAYBE_ITEM = {"item": members(ITEM, EXPIRES)}
REWARD = {"amount": amount, "asset": text(), "label": text()}
GRANTS = listed(members({**ITEM, "id": text(r"[1-9][0-9]{0,15}")}, EXPIRES), 0, 10**6)


def grants_of(items, stated):
    require(len(items) == len(stated), "outcome.grants has another length")
    return [{**item, "id": one["id"]} for item, one in zip(items, stated)]


class Table:
    stream, player, origins = "player", PLAYER, [["start", "player"], ["request"]]
    config = members(
        {
            "free_asset": text(),
            "guaranteed": listed(members(REWARD, MAYBE_ITEM), 0, 200),
            "price": members({"amount": amount, "asset": text()}),
            "prizes": listed(
                members({**REWARD, "weight": integer(1)}, {**MAYBE_ITEM, "stock": integer(), "fallback": text()}),
                0,
                200,
            ),
            "rolls": integer(1, 20),
        }
    )
    outcome = members(
        {
            "count": integer(1, 1000),
            "free_plays": integer(),
            "grants": GRANTS,
            "opens": listed(
                members(
                    {"rolls": listed(integer(), 0, 20), "sold_out": listed(integer(), 0, 20), "words": integer()}
                ),
                1,
                1000,
            ),
            "payouts": listed(members({"amount": amount, "asset": text()}), 0, 400),
            "price": amount,
            "stock_won": listed(members({"label": text(), "won": integer()}), 0, 200),
        }
    )

    @staticmethod
    def compute(config, outcome, draw, record, entries):
        prizes, count, free = config["prizes"], outcome["count"], outcome["free_plays"]
        require(free <= count and (free == 0 or config["free_asset"]), "outcome.free_plays cannot be")
        labels = list(dict.fromkeys(prize["label"] for prize in prizes if "stock" in prize))
        require([one["label"] for one in outcome["stock_won"]] == labels, "outcome.stock_won has other labels")
        won = {one["label"]: one["won"] for one in outcome["stock_won"]}
        opens, given = [], []
        for sub in range(count):
            words = draw(sub)
            rolls, sold_out = [], []
            if prizes:
                rolls = [words.weighted([prize["weight"] for prize in prizes]) for _ in range(config["rolls"])]
            for roll, index in enumerate(rolls):
                prize = prizes[index]
                if "stock" in prize and won[prize["label"]] >= prize["stock"]:
                    sold_out.append(roll)
                    given += [other for other in prizes if other["label"] == prize.get("fallback")][:1]
                    continue
                if "stock" in prize:
                    won[prize["label"]] += 1
                given.append(prize)
            given += config["guaranteed"]
            opens.append({"rolls": rolls, "sold_out": sold_out, "words": words.used})
        sums = {}
        for one in given:
            if "item" not in one:
                sums[one["asset"]] = sums.get(one["asset"], 0) + micros(one["amount"])
        assets = sorted((asset for asset in sums if sums[asset]), key=lambda asset: asset.encode("utf-16-be"))
        return {
            "count": count,
            "free_plays": free,
            "grants": grants_of([one["item"] for one in given if "item" in one], outcome["grants"]),
            "opens": opens,
            "payouts": [{"amount": decimal(sums[asset]), "asset": asset} for asset in assets],
            "price": decimal(micros(config["price"]["amount"]) * (count - free)),
            "stock_won": outcome["stock_won"],
        }


# 7: recipe gacha
PARTS = 100_000_000
CHANCES = ["rate_up_chance", "tier_2_chance", "tier_3_chance", "tier_4_chance", "tier_4_chance_max"]
COUNTS = ["tier_3_guarantee", "tier_4_guarantee", "tier_4_chance_stop"]


class Gacha:
    stream, player, origins = "player", PLAYER, [["start", "player"], ["request"]]
    config = members(
        {
            "choices_show": integer(1, 100),
            "prizes": listed(
                members(
                    {"id": integer(), "label": text(), "rate_up": boolean, "reward_hash": text(), "tier": integer(1, 4)}
                ),
                1,
                1000,
            ),
            **{name: integer(0, PARTS) for name in CHANCES},
            **{name: integer(0, 10**6) for name in COUNTS},
        }
    )
    outcome = members(
        {
            **{f"since_tier_{tier}{after}": integer() for tier in [3, 4] for after in ["", "_after"]},
            "slots": listed(members({"prize": integer(), "tier": integer(1, 4)}), 1, 100),
            "words": integer(),
        }
    )

    @staticmethod
    def compute(config, outcome, draw, record, entries):
        require(config["tier_4_chance_max"] >= config["tier_4_chance"], "config.tier_4_chance_max is too low")
        words, slots, prizes = draw(0), [], config["prizes"]
        a, b = outcome["since_tier_3"], outcome["since_tier_4"]
        for _ in range(config["choices_show"]):
            t = words.uniform(PARTS)
            stop, p4 = config["tier_4_chance_stop"], config["tier_4_chance"]
            if stop:
                p4 += (config["tier_4_chance_max"] - p4) * min(b, stop) // stop
            p3 = p4 + config["tier_3_chance"]
            if 0 < config["tier_4_guarantee"] <= b or t < p4:
                tier = 4
            elif t < p3 or 0 < config["tier_3_guarantee"] <= a:
                tier = 3
            else:
                tier = 2 if t < p3 + config["tier_2_chance"] else 1
            there = {prize["tier"] for prize in prizes}
            tier = max((one for one in there if one <= tier), default=min(there))
            group = [index for index, prize in enumerate(prizes) if prize["tier"] == tier]
            if tier == 4 and len({prizes[index]["rate_up"] for index in group}) == 2:
                rate_up = words.chance(config["rate_up_chance"], PARTS)
                group = [index for index in group if prizes[index]["rate_up"] == rate_up]
            slots.append({"prize": group[words.uniform(len(group))], "tier": tier})
            a = 0 if tier >= 3 else a + 1
            b = 0 if tier == 4 else b + 1
        return {
            "since_tier_3": outcome["since_tier_3"],
            "since_tier_3_after": a,
            "since_tier_4": outcome["since_tier_4"],
            "since_tier_4_after": b,
            "slots": slots,
            "words": words.used,
        }


# 8: recipe raffle
PRIZE = {"amount": amount, "asset": text()}


def beacon(value, path):
    if value is not None:
        shape = {"chain_hash": text(HASH), "round": integer(1), "signature": text(r"[0-9a-f]{96}")}
        members(shape)(value, path)


def number(value, path):
    """8.3: over REST the numbers of entries are texts."""
    if type(value) is str and re.fullmatch("[0-9]{1,16}", value, re.ASCII):
        value = int(value)
    integer()(value, path)
    return value


class Raffle:
    stream, player, origins = "raffle", "", [["beacon", "caller"]]
    config = members(
        {
            "entropy": text("none|beacon|caller"),
            "one_per_player": boolean,
            "pool_hash": text(HASH),
            "prizes": listed(members({**PRIZE, "winners": integer(1)}, MAYBE_ITEM), 1, 1000),
            "total_tickets": integer(),
        }
    )
    outcome = members(
        {
            "beacon": beacon,
            "close_time": time,
            "grants": GRANTS,
            "source": text(),
            "winners": listed(
                members(
                    {
                        "player": text(PLAYER),
                        "prize": members(PRIZE, MAYBE_ITEM),
                        "ticket": integer(),
                        "withheld": boolean,
                    }
                ),
                0,
                1000,
            ),
            "words": integer(),
        }
    )

    @staticmethod
    def compute(config, outcome, draw, record, entries):
        require(record["position"] == 0, "record.position is not 0")
        require(outcome["close_time"] <= record["time"], "outcome.close_time is after the draw")
        sales, sold, pool = [], 0, bytes(32)
        for index, entry in enumerate(entries):
            path = f"entries[{index}]"
            members({"first_ticket": number, "count": number, "player_hash": text(PLAYER)})(entry, path)
            first, count = (number(entry[name], path) for name in ["first_ticket", "count"])
            require(first == sold and 1 <= count < 2**32, f"{path} is no sale of tickets from {sold}")
            sold += count
            sales.append((first, count, entry["player_hash"]))
            numbers = first.to_bytes(8, "big") + count.to_bytes(4, "big")
            pool = hashlib.sha256(pool + numbers + bytes.fromhex(entry["player_hash"])).digest()
        require(sold == config["total_tickets"], "entries are not config.total_tickets: are there others?")
        require(pool.hex() == config["pool_hash"], "entries do not give config.pool_hash")
        places = [prize for prize in config["prizes"] for _ in range(prize["winners"])]
        require(len(places) <= 1000, "config.prizes have too many winners")
        words, winners, items = draw(0), [], []
        for place, prize in enumerate(places):
            left = sum(count for _, count, _ in sales)
            if left == 0:
                break
            r = words.uniform(left)
            for index, (first, count, player) in enumerate(sales):
                if r < count:
                    break
                r -= count
            ticket = first + r
            if config["one_per_player"]:
                sales = [sale for sale in sales if sale[2] != player]
            else:
                parts = [(first, r, player), (ticket + 1, count - r - 1, player)]
                sales[index : index + 1] = [part for part in parts if part[1] > 0]
            stated = outcome["winners"][place : place + 1]
            given = {name: value for name, value in prize.items() if name != "winners"}
            withheld = stated != [] and stated[0]["withheld"]
            winners.append({"player": player, "prize": given, "ticket": ticket, "withheld": withheld})
            items += [given["item"]] if "item" in given and not withheld else []
        return {
            **Raffle.source(config, outcome, record["client_seeds"][0]),
            "close_time": outcome["close_time"],
            "grants": grants_of(items, outcome["grants"]),
            "winners": winners,
            "words": words.used,
        }

    @staticmethod
    def source(config, outcome, seed):
        entropy = config["entropy"] if config["total_tickets"] or config["entropy"] != "beacon" else "none"
        require(seed["origin"] == entropy, f"client_seeds[0].origin is not {entropy}")
        if entropy != "beacon":
            return {"beacon": None, "source": outcome["source"] if entropy == "caller" else ""}
        require(outcome["beacon"] is not None, "outcome.beacon is missing")
        signature = outcome["beacon"]["signature"]
        require(seed["seed"] == sha256(bytes.fromhex(signature)), "client_seeds[0].seed is not of the beacon")
        closed = datetime.fromisoformat(outcome["close_time"].replace("Z", "+00:00"))
        since = closed - datetime.fromisoformat("1970-01-01T00:00:00+00:00")
        seconds = since.days * 86400 + since.seconds
        return {
            "beacon": {"chain_hash": CHAIN, "round": max(1, (seconds - 1692803367) // 3 + 3), "signature": signature},
            "source": "",
        }


# 9: recipe contribution
def share(value, path):
    amount(value, path)
    require(micros(value) <= 10**6, f"{path} is beyond 1")


def maybe(shape):
    return lambda value, path: None if value is None else shape(value, path)


def cost(value, path):
    amount(value, path)
    require(micros(value) > 0, f"{path} is nothing")


TERMS = members(
    {
        "hit_rate": maybe(members({"cost": cost, "odds": integer(1, 9 * 10**9)})),
        "max_step": maybe(amount),
        "max_value": maybe(amount),
        "min_contribution": amount,
        "must_drop_value": maybe(amount),
    },
    {"min_base_wager": cost},
)
AMOUNTS = ["cycle_contributed", "drawn_after", "drawn_before", "reserve_after", "reserve_before"]
WON = ["deficit", "from_reserve", "from_surplus", "start", "surplus_before"]


def least(*values):
    return min(value if type(value) is int else micros(value) for value in values if value is not None)


class Contribution:
    stream, player, origins = "jackpot", PLAYER, [["start", "player"], ["request"]]
    config = members(
        {
            "operator_share": share,
            "pots": listed(
                members(
                    {
                        "fixed_amount": amount,
                        "fixed_value": boolean,
                        "fraction": share,
                        "fund_strategy": text("collect_always|collect_to_seed"),
                        "id": text(),
                        "next": maybe(TERMS),
                        "reseed_strategy": text("full|minimum"),
                        "seed": amount,
                        "seed_share": share,
                        "terms": TERMS,
                    }
                ),
                1,
                100,
            ),
            "win_selector": text("all|first|lowest|highest"),
        }
    )
    outcome = members(
        {
            "amount": cost,
            "chain": text(HASH),
            "house": amount,
            "pots": listed(
                members(
                    {
                        "attempts": integer(),
                        "cycle": integer(1),
                        "id": text(),
                        **{name: amount for name in [*AMOUNTS, "value_after", "value_before"]},
                        "won": maybe(members({"by": text(), **{name: amount for name in WON}})),
                    }
                ),
                1,
                100,
            ),
            "words": integer(),
        },
        {"base_wager": amount},
    )

    @staticmethod
    def compute(config, outcome, draw, record, entries):
        configs, stated, paid = config["pots"], outcome["pots"], micros(outcome["amount"])
        asked = any("min_base_wager" in pot["terms"] for pot in configs)
        require(asked == ("base_wager" in outcome), "outcome.base_wager is not what the pots ask for")
        wager = micros(outcome.get("base_wager", "0"))
        require(len(configs) == len(stated), "outcome.pots are not those of the config")
        require(sum(micros(pot["fraction"]) for pot in configs) <= 10**6, "config.pots have fractions beyond 1")
        drawable = [pot["terms"]["hit_rate"] or pot["terms"]["must_drop_value"] for pot in configs]
        require(any(one is not None for one in drawable), "config.pots have none that can be won")
        left, fixed = paid, []
        for pot in configs:
            fixed.append(min(micros(pot["fixed_amount"]), left))
            left -= fixed[-1]
        parts = [
            own if micros(pot["fixed_amount"]) > 0 else left * micros(pot["fraction"]) // 10**6
            for own, pot in zip(fixed, configs)
        ]
        pots = [Contribution.fed(pot, told, [paid, wager], part) for pot, told, part in zip(configs, stated, parts)]
        attempts = sum(pot["whole"] + (pot["rest"] > 0) for pot in pots)
        require(attempts <= 10_000, "outcome.amount buys too many attempts")
        sign = {"lowest": 1, "highest": -1}.get(config["win_selector"], 0)
        words, ended = draw(0, outcome["chain"]), False
        for pot in sorted(pots, key=lambda pot: sign * pot["after"]):
            if ended:
                if pot["after"] == pot["bound"] and pot["value"] > 0:
                    pot["after"] -= 1
                    pot["reserve"] += 1
                continue
            Contribution.drawn(pot, words)
            ended = pot["by"] is not None and config["win_selector"] != "all"
        return {
            "amount": outcome["amount"],
            **({"base_wager": outcome["base_wager"]} if asked else {}),
            "chain": outcome["chain"],
            "house": decimal(paid - sum(parts)),
            "pots": [Contribution.told(*one) for one in zip(configs, stated, pots, parts)],
            "words": words.used,
        }

    @staticmethod
    def fed(config, stated, brought, part):
        paid, wager = brought
        terms = config["terms"]
        bound = None if terms["must_drop_value"] is None else micros(terms["must_drop_value"])
        before, u, held = (micros(stated[name]) for name in ["value_before", "drawn_before", "reserve_before"])
        possible = u <= before and (u == 0 if bound is None else u < bound)
        require(possible, "outcome.pots have a drawn_before that cannot be")
        barred = wager < micros(terms.get("min_base_wager", "0"))
        small, room = barred or paid < micros(terms["min_contribution"]), 0
        if not config["fixed_value"] and not small:
            collects = config["fund_strategy"] == "collect_always" or held < micros(config["seed"])
            room = part - (part * micros(config["seed_share"]) // 10**6 if collects else 0)
            limits = [terms[name] for name in ["max_value", "must_drop_value"] if terms[name] is not None]
            room = max(0, least(room, terms["max_step"], *(micros(limit) - before for limit in limits)))
        pot = {"bound": bound, "u": u, "value": room, "reserve": held + part - room, "after": before + room}
        pot.update(attempts=0, by=None, whole=0, rest=0, odds=0, barred=barred, part=not small and before + room > 0)
        if terms["hit_rate"] is not None and pot["part"]:
            price, pot["odds"] = micros(terms["hit_rate"]["cost"]), terms["hit_rate"]["odds"]
            pot["whole"], pot["rest"] = paid // price, paid % price * 10**6 // price
        return pot

    @staticmethod
    def drawn(pot, words):
        if not pot["part"]:
            return
        while pot["attempts"] < pot["whole"]:
            pot["attempts"] += 1
            if words.uniform(pot["odds"]) == 0:
                pot["by"] = "hit_rate"
                return
        if pot["rest"] > 0:
            pot["attempts"] += 1
            if words.uniform(pot["odds"] * 10**6) < pot["rest"]:
                pot["by"] = "hit_rate"
                return
        if pot["bound"] is not None and pot["after"] != pot["u"]:
            if words.uniform(pot["bound"] - pot["u"]) < pot["after"] - pot["u"]:
                pot["by"] = "must_drop_value"
            pot["u"] = pot["after"]

    @staticmethod
    def told(config, stated, pot, part):
        possible = pot["barred"] or micros(stated["cycle_contributed"]) >= part
        require(possible, "outcome.pots have a cycle_contributed that cannot be")
        told = {
            **{name: stated[name] for name in ["cycle", "cycle_contributed", "drawn_before"]},
            **{name: stated[name] for name in ["reserve_before", "value_before"]},
            "attempts": pot["attempts"],
            "drawn_after": decimal(pot["u"]),
            "id": config["id"],
            "reserve_after": decimal(pot["reserve"]),
            "value_after": decimal(pot["after"]),
            "won": None,
        }
        if pot["by"] is not None:
            require(stated["won"] is not None, "outcome.pots.won is missing")
            surplus, seed = micros(stated["won"]["surplus_before"]), micros(config["seed"])
            wanted = pot["reserve"] if config["reseed_strategy"] == "full" else min(pot["reserve"], seed)
            terms = config["next"] or config["terms"]
            bound = terms["must_drop_value"]
            middle = None if bound is None else (seed + micros(bound)) // 2
            reserve = least(wanted, terms["max_value"], middle)
            short = max(0, seed - reserve)
            paid = [short - min(surplus, short), reserve, min(surplus, short), max(reserve, seed), surplus]
            told["won"] = {"by": pot["by"], **{name: decimal(one) for name, one in zip(WON, paid)}}
        return told


# 10: recipe pot_end
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def milliseconds(value):
    since = datetime.fromisoformat(value.replace("Z", "+00:00")) - datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    return (since.days * 86400 + since.seconds) * 1000 + since.microseconds // 1000


class PotEnd:
    stream, player, origins = "pot", PLAYER, []
    config = members(
        {
            "cycle": integer(1),
            "end": text("time|final"),
            "hidden": maybe(members({"from": integer(), "to": integer()})),
            "pot": text(".+"),
            "sum": cost,
        }
    )
    outcome = members(
        {
            "chain": text(HASH),
            "close_time": time,
            "contribution": text(UUID),
            "cycle": integer(1),
            "due_time": lambda value, path: None if value == "" else time(value, path),
            "end": text(),
            "hidden_end": maybe(members({"from": integer(), "time": integer(), "to": integer()})),
            **{name: amount for name in ["point", "reserve", "sum", "sum_after", "sum_before", "value", "won"]},
            "pot": text(),
            "withheld": boolean,
            "words": integer(),
        }
    )

    @staticmethod
    def compute(config, outcome, draw, record, entries):
        closed, due, hidden = outcome["close_time"], outcome["due_time"], config["hidden"]
        require(record["seed_readable_since"] <= closed <= record["time"], "outcome.close_time cannot be")
        require((config["end"] == "final") == (due == ""), "outcome.due_time cannot be")
        require(config["end"] == "time" or hidden is None, "config.hidden is only of a time")
        require(config["end"] == "final" or outcome["reserve"] == "0", "outcome.reserve is won only in a final draw")
        words = draw(0, outcome["chain"])
        point = words.uniform(micros(config["sum"]))
        before, after = micros(outcome["sum_before"]), micros(outcome["sum_after"])
        require(before <= point < after <= micros(config["sum"]), "outcome.point is not between the sums")
        hidden_end = None
        if hidden is not None:
            first, last = hidden["from"], hidden["to"]
            require(last == milliseconds(due) and first <= last, "config.hidden cannot be")
            other = Words(draw.seed, f":0:1:{sha256(canonical(hidden))}:{'0' * 64}")
            hidden_end = {"from": first, "time": first + other.uniform(last - first + 1), "to": last}
            require(milliseconds(closed) >= hidden_end["time"], "outcome.close_time is before the hidden end")
        elif config["end"] == "time":
            require(closed >= due, "outcome.close_time is before the end")
        return {
            **outcome,
            **{name: config[name] for name in ["cycle", "end", "pot", "sum"]},
            "hidden_end": hidden_end,
            "point": decimal(point),
            "won": decimal(micros(outcome["value"]) + micros(outcome["reserve"])),
            "words": words.used,
        }


RECIPES = {"table": Table, "gacha": Gacha, "raffle": Raffle, "contribution": Contribution, "pot_end": PotEnd}


# 2: the proof
def check(proof):
    """Raises Invalid if a proof is not valid."""
    texts = {"record": text(), "config": text(), "server_seed": text(HASH), "digest": text(HASH)}
    members(texts, {"entries": listed(lambda value, path: None, 0, 10**6)})(proof, "proof")
    record, config = parse(proof["record"], "record"), parse(proof["config"], "config")
    require(type(record) is dict and type(record.get("recipe")) is str, "record.recipe is missing")
    require(record["recipe"] in RECIPES, "record.recipe is not known")
    recipe = RECIPES[record["recipe"]]
    seeds = len(recipe.origins)
    members(
        {
            "algorithm": text("windfall/2"),
            "recipe": text(),
            "operator": text(".+"),
            "operation": text("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
            "part": integer(),
            "time": time,
            "definition": members({"engine": text("[a-z]+"), "id": text(".+"), "version": integer(1)}),
            "player": text(recipe.player),
            "stream": text(f"{recipe.stream}/[0-9a-f]{{32}}-[1-9][0-9]{{0,15}}"),
            "position": integer(),
            "nonce": integer(),
            "seed_hash": text(HASH),
            "seed_readable_since": time,
            "client_seeds": listed(members({"origin": text(), "seed": text("[ -~]{0,64}")}), seeds, seeds),
            "config_hash": text(HASH),
            "outcome": recipe.outcome,
        }
    )(record, "record")
    recipe.config(config, "config")
    require(proof["digest"] == sha256("\0" + proof["record"]), "digest is not that of the record")
    require(record["config_hash"] == sha256(proof["config"]), "record.config_hash is not that of the config")
    require(record["seed_hash"] == sha256(proof["server_seed"]), "record.seed_hash is not that of the server seed")
    require(record["seed_readable_since"] <= record["time"], "record.seed_readable_since is after the draw")
    if recipe.stream != "jackpot":
        nonce = record["position"] if recipe.stream == "player" else 0
        require(record["nonce"] == nonce, f"record.nonce is not {nonce}")
    for seed, known in zip(record["client_seeds"], recipe.origins):
        allowed = ["none"] if seed["seed"] == "" else known
        require(seed["origin"] in allowed, "an origin of a client seed cannot be")
    entries = proof.get("entries", [])
    require(entries == [] or recipe.stream == "raffle", "entries are not of this recipe")

    def draw(sub, chain=None):
        client_seed = "\n".join(seed["seed"] for seed in record["client_seeds"])
        between = "" if chain is None else f":{chain}"
        prefix = f"{client_seed}:{record['nonce']}:{sub}:{record['config_hash']}{between}"
        return Words(proof["server_seed"], prefix)

    draw.seed = proof["server_seed"]
    computed = recipe.compute(config, record["outcome"], draw, record, entries)
    for name, value in computed.items():
        require(canonical(record["outcome"][name]) == canonical(value), f"record.outcome.{name} is another")


# 11.5: Ed25519, from RFC 8032, 5.1. A point is (X, Y, Z, T), with x = X/Z, y = Y/Z, xy = T/Z.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(one, other):
    """RFC 8032, 5.1.4."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2)
    c, d = 2 * D * t1 * t2, 2 * z1 * z2
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    result = (0, 1, 1, 0)
    while n > 0:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def decode(data):
    """RFC 8032, 5.1.3. None: it is no point."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & 2**255 - 1
    u, v = y * y - 1, D * y * y + 1
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * ROOT % P
    if y >= P or (v * x * x - u) % P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    """Whether a key has signed a message, all of them bytes: RFC 8032, 5.1.7."""
    a, r, s = decode(key), decode(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    x1, y1, z1, _ = times(s, BASE)
    x2, y2, z2, _ = add(r, times(k, a))
    return (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


# 11: receipts
LINE = "[^\n]+"
CLOCKS = 60 * 10**9
RECEIPT = members(
    {
        **{name: text(HASH) for name in ["digest", "root"]},
        **{name: text(LINE) for name in ["key_id", "operator_id"]},
        "epoch": text("[1-9][0-9]{0,15}"),
        "index": integer(0, 2**31 - 1),
        "path": listed(text(HASH), 0, 31),
        "record": text(),
        "signature": text("[0-9a-f]{128}"),
        "size": integer(1, 2**31 - 1),
        "time": time,
    }
)


def key_time(value, path):
    text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(\d{3}){1,3})?Z")(value, path)
    time(value[:19] + ".000000Z", path)


KEY = members(
    {"algorithm": text("Ed25519"), "key_id": text(LINE), "public_key": text(HASH)}, {"used_since": key_time}
)


def nanoseconds(value):
    return milliseconds(value[:19] + ".000000Z") * 10**6 + int(value[20:-1].ljust(9, "0"))


def climb(leaf, index, size, path):
    """11.4: the root; None: the path has another length."""
    i, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if i % 2 == 1 or i == last:
            node = hashlib.sha256(b"\1" + sibling + node).digest()
            while i % 2 == 0 and i != 0:
                i, last = i >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\1" + node + sibling).digest()
        i, last = i >> 1, last >> 1
    return node if last == 0 else None


def check_receipt(receipt, keys):
    """Raises Invalid if a receipt does not prove its record."""
    RECEIPT(receipt, "receipt")
    listed(KEY, 0, 10**6)(keys, "keys")
    since = [None if "used_since" not in key else nanoseconds(key["used_since"]) for key in keys]
    require(None not in since[1:], "keys have one without used_since that is not the first")
    known = [one for one in since if one is not None]
    require(all(a < b for a, b in zip(known, known[1:])), "keys are not in the order of used_since")
    ids = [key["key_id"] for key in keys]
    require(len(set(ids)) == len(ids), "keys have one key_id twice")
    digest, size, root = receipt["digest"], receipt["size"], receipt["root"]
    require(digest == sha256("\0" + receipt["record"]), "digest is not that of the record")
    require(receipt["index"] < size, "index is not below size")
    node = climb(bytes.fromhex(digest), receipt["index"], size, [bytes.fromhex(one) for one in receipt["path"]])
    require(node is not None and node.hex() == root, "path does not lead to the root")
    record = parse(receipt["record"], "record")
    require(type(record) is dict, "record is no object")
    require(receipt["operator_id"] == record.get("operator"), "operator_id is not that of the record")
    require(receipt["time"] == record.get("time"), "time is not that of the record")
    stream = record.get("stream")
    require(type(stream) is str and stream.endswith(f"-{receipt['epoch']}"), "epoch is not that of the stream")
    require(receipt["key_id"] in ids, "key_id is not known")
    place, now = ids.index(receipt["key_id"]), nanoseconds(receipt["time"])
    require(since[place] is None or now >= since[place] - CLOCKS, "time is before the key was used")
    require(place + 1 == len(ids) or now <= since[place + 1] + CLOCKS, "time is after the key was replaced")
    lines = ["windfall/receipt/1", *(receipt[name] for name in ["operator_id", "epoch", "time"]), str(size), root]
    message = "".join(f"{line}\n" for line in lines).encode()
    key = bytes.fromhex(keys[place]["public_key"])
    require(signed(key, message, bytes.fromhex(receipt["signature"])), "signature is not one of the key")


def reason(line):
    """Why a proof or a receipt, a JSON text, is not valid; None: it is."""
    try:
        value = json.loads(line)
        if type(value) is dict and set(value) == {"receipt", "keys"}:
            check_receipt(value["receipt"], value["keys"])
        else:
            check(value)
        return None
    except (Invalid, ValueError, RecursionError) as error:
        return str(error)


def main(path):
    valid = True
    for line in sys.stdin if path == "-" else open(path, encoding="utf-8"):
        wrong = reason(line)
        valid = valid and wrong is None
        print("VALID" if wrong is None else f"INVALID {wrong}".replace("\n", " "))
    return 0 if valid else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
