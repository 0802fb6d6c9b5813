"""Tests of arguments that become instances of a dataclass."""

import enum
import functools
import pathlib
import sys
import unittest
import uuid
from collections import namedtuple
from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar, Dict, FrozenSet, Generic, List, Mapping, NamedTuple, NewType
from typing import Optional
from typing import Sequence as Typed
from typing import Tuple, TypeVar, Union
from unittest import mock

from dl_jobs.decorators import as_json, attempt, expand_args
from dl_jobs.worker.errors import task_error
from dl_jobs.worker.instances import ValidationError, read
from dl_jobs.worker.models import check_of, model_of, with_model


class Band(enum.Enum):
    """An enumeration whose values are of two types."""

    NIR = "nir"
    FOUR = 4


@dataclass
class Place:
    """A part of a tile."""

    lon: float
    lat: float


@dataclass
class Tile:
    """A dataclass with fields of many types."""

    count: ClassVar[int]
    tags: List[str]
    at: Optional[Place] = None
    pair: Tuple[int, str] = (1, "a")
    sizes: Tuple[float, ...] = ()
    bare: tuple = ()
    band: Band = Band.NIR
    path: pathlib.Path = pathlib.Path(".")
    numbers: Dict[str, int] = field(default_factory=dict)
    anything: Any = None
    most: InitVar[int] = 2
    either: Union[int, str, None] = None
    day: Optional[date] = None
    when: Optional[datetime] = None

    def __post_init__(self, most: int) -> None:
        if len(self.tags) > most:
            raise ValueError("too many tags")


class Box4(NamedTuple):
    """A named tuple with a default."""

    place: Place
    width: float
    day: Optional[date] = None


Size = namedtuple("Size", "x y")


@dataclass
class Framed:
    """A dataclass with named tuples."""

    box: Box4
    size: Optional[Size] = None


@dataclass
class Keyed:
    """A dataclass whose dicts have keys that are no texts."""

    counts: Dict[int, int] = field(default_factory=dict)
    shares: Dict[float, int] = field(default_factory=dict)
    days: Dict[date, Band] = field(default_factory=dict)
    bands: Dict[Band, int] = field(default_factory=dict)


Content = TypeVar("Content")


@dataclass
class Box(Generic[Content]):
    """A generic dataclass."""

    value: Content


@dataclass
class Page(Generic[Content]):
    """A generic dataclass that uses its type variable in other types."""

    items: List[Content]
    last: Optional["Page[Content]"] = None


Label = TypeVar("Label")


@dataclass
class PlaceBox(Box[Place]):
    """A dataclass below a generic one with a class in place of the type variable."""

    count: int


@dataclass
class Labelled(Box[List[Content]], Generic[Label, Content]):
    """A dataclass whose type variable means another class in the class above it."""

    label: Label


@dataclass(init=False)
class Circle:
    """A dataclass whose own ``__init__`` has other parameters than its fields."""

    middle: Place
    radius: float

    def __init__(self, middle: Place, width: float = 2) -> None:
        self.middle, self.radius = middle, width / 2


Spot = NewType("Spot", Place)


class Access(enum.Flag):
    """Flags, which can be combined."""

    READ = 1
    WRITE = 2


class Colour(enum.Enum):
    """An enumeration that finds its members itself."""

    RED = "red"

    @classmethod
    def _missing_(cls, value: Any) -> Any:
        return cls.RED if value == "RED" else None


class Money:
    """A class that is no field of JSON."""


@dataclass
class Sale:
    """A dataclass with fields of classes that JSON has as texts."""

    when: datetime = datetime(2020, 1, 2)
    at: Optional[time] = None
    price: Decimal = Decimal(1)
    id: uuid.UUID = uuid.UUID(int=2)
    names: FrozenSet[str] = frozenset()
    many: Sequence = ()  # type: ignore
    anything: Any = None
    money: Optional[Money] = None


@dataclass
class Partly:
    """A dataclass with a field of a class that only type checkers know."""

    places: "List[Place]"
    frame: "Optional[Frame]" = None  # type: ignore # noqa: F821
    day: "Optional[date]" = None


@dataclass
class Named(Partly):
    """A dataclass with fields of another one."""

    name: "str" = ""


class Deferred:
    """A function as in Python 3.14, which evaluates annotations when they are read."""

    __code__ = (lambda place, ctx: (place, ctx)).__code__
    __globals__ = globals()

    @property
    def __annotations__(self) -> Any:
        raise NameError("name 'Frame' is not defined")


class InstancesTest(unittest.TestCase):
    """Instances from JSON values."""

    def test_names_for_type_checkers_leave_the_other_annotations(self) -> None:
        for kind in (Partly, Named):
            made = read(kind, {"places": [{"lon": 1, "lat": 2}], "frame": 3, "day": "2026-01-02"})
            self.assertEqual(made, kind([Place(1, 2)], 3, date(2026, 1, 2)))
            with self.assertRaisesRegex(ValidationError, "day: must be date as a text, not 5"):
                read(kind, {"places": [], "day": 5})
        with self.assertRaisesRegex(ValidationError, "name: must be a text, not 5"):
            read(Named, {"places": [], "name": 5})

    def test_annotations_that_python_evaluates_late_are_read(self) -> None:
        later = mock.Mock()
        later.get_annotations = lambda function, format: {"place": Place, "ctx": "Frame"}
        with mock.patch.dict(sys.modules, {"annotationlib": later}):
            self.assertIs(model_of(Deferred()), Place)

    def test_keys_of_dicts_have_their_types(self) -> None:
        value = {"counts": {"1": 2, "-3": 4}, "shares": {"0.5": 1}, "days": {"2026-01-02": "nir"}}
        days = {date(2026, 1, 2): Band.NIR}
        expected = Keyed({1: 2, -3: 4}, {0.5: 1}, days, {Band.NIR: 1})
        self.assertEqual(read(Keyed, {**value, "bands": {"nir": 1}}), expected)
        for wrong, message in (
            ({"counts": {"x": 1}}, "counts.x: must be an integer, not 'x'"),
            ({"counts": {"1.5": 1}}, "counts['1.5']: must be an integer, not 1.5"),
            ({"shares": {"1": 1, "1.0": 2}}, "shares['1.0']: is the same key as another one"),
            ({"bands": {"red": 1}}, "bands.red: must be one of 'nir', 4, not 'red'"),
        ):
            with self.assertRaises(ValidationError) as caught:
                read(Keyed, wrong)
            self.assertEqual(str(caught.exception), message)

    def test_fields_get_the_types_of_their_annotations(self) -> None:
        given = {
            "tags": ["a"],
            "at": {"lon": 1, "lat": 2.5},
            "pair": [2, "b"],
            "sizes": [1, 2.5],
            "bare": [1, "x"],
            "band": 4,
            "path": "a/b",
            "numbers": {"one": 1},
            "anything": [{}],
            "either": "text",
            "day": "2020-01-02",
            "when": "2020-01-02T03:04:05",
        }
        expected = Tile(
            tags=["a"],
            at=Place(1, 2.5),
            pair=(2, "b"),
            sizes=(1, 2.5),
            bare=(1, "x"),
            band=Band.FOUR,
            path=pathlib.Path("a/b"),
            numbers={"one": 1},
            anything=[{}],
            either="text",
            day=date(2020, 1, 2),
            when=datetime(2020, 1, 2, 3, 4, 5),
        )
        self.assertEqual(read(Tile, given), expected)
        self.assertEqual(read(Tile, {"tags": [], "most": 0}), Tile([]))

    def test_an_error_names_the_part_and_the_reason(self) -> None:
        cases = [
            ([], "must be an object, not []"),
            ({}, "tags: is missing"),
            ({"tags": [], "tgas": 1, "count": 1}, "tgas: is not a field; count: is not a field"),
            ({"tags": ["a", 1]}, "tags[1]: must be a text, not 1"),
            ({"tags": "abc"}, "tags: must be a list, not 'abc'"),
            (
                {"tags": [], "at": {"lon": True}},
                "at.lon: must be a number, not True; at.lat: is missing",
            ),
            ({"tags": [], "pair": [1]}, "pair: must have 2 elements, not 1"),
            ({"tags": [], "band": "blue"}, "band: must be one of 'nir', 4, not 'blue'"),
            ({"tags": [], "numbers": {"a b": "1"}}, "numbers['a b']: must be an integer, not '1'"),
            ({"tags": [], "day": "soon"}, "day: must be date, not 'soon'"),
            ({"tags": ["a", "b", "c"]}, "ValueError: too many tags"),
        ]
        for value, message in cases:
            with self.subTest(value=value):
                with self.assertRaises(ValidationError) as raised:
                    read(Tile, value)
                self.assertEqual(str(raised.exception), message)
                error = {"message": message, "type": "ValidationError", "class": "invalid"}
                self.assertEqual(task_error(raised.exception), error)

    def test_dates_and_decimals_are_texts(self) -> None:
        identity = uuid.UUID(int=1)
        given = {
            "at": "03:04:05",
            "price": "19.990000000000000000001",
            "id": str(identity),
            "names": ["a"],
            "many": [1, "b"],
        }
        expected = Sale(
            at=time(3, 4, 5),
            price=Decimal("19.990000000000000000001"),
            id=identity,
            names=frozenset(["a"]),
            many=[1, "b"],
        )
        self.assertEqual(read(Sale, given), expected)
        self.assertEqual(read(Sale, {"price": 19}), Sale(price=Decimal(19)))
        self.assertEqual(read(Sale, {"at": None}), Sale())
        cases = [
            ({"when": 5}, "when: must be datetime as a text, not 5"),
            ({"when": None}, "when: must be datetime as a text, not None"),
            ({"when": []}, "when: must be datetime as a text, not []"),
            (
                {"when": "2020-01-02T03:04:05.123456700"},
                "when: must have no digits below a microsecond, not "
                "'2020-01-02T03:04:05.123456700'; use str to keep them",
            ),
            ({"at": True}, "at: must be time as a text, not True"),
            ({"price": 19.99}, "price: must be Decimal as a text, not 19.99"),
            ({"price": True}, "price: must be Decimal as a text, not True"),
            ({"price": "much"}, "price: must be Decimal, not 'much'"),
            ({"id": "x"}, "id: must be UUID, not 'x'"),
            ({"many": 1}, "many: must be Sequence, of which JSON has no values, not 1"),
            ({"money": "1 EUR"}, "money: must be Money, of which JSON has no values, not '1 EUR'"),
        ]
        for value, message in cases:
            with self.subTest(value=value):
                with self.assertRaises(ValidationError) as raised:
                    read(Sale, value)
                self.assertEqual(str(raised.exception)[: len(message)], message)

    def test_the_annotation_of_the_first_parameter_is_the_class(self) -> None:
        def task(place: "Place", ctx: Any = None) -> Any:
            return (place, ctx)

        def plain(place: dict) -> Any:
            return place

        def unknown(place: "Missing") -> Any:  # type: ignore # noqa
            return place

        self.assertEqual([model_of(one) for one in (plain, unknown, len)], [None, None, None])
        self.assertIs(with_model(plain), plain)
        self.assertEqual(with_model(task)({"lon": 1, "lat": 2}, "c"), (Place(1, 2), "c"))
        check = check_of(task)
        self.assertEqual(
            [check({"lon": 1, "lat": 2}), check({"lon": 1}), check_of(plain)(1)],
            [True, "lat: is missing", None],
        )

    def test_any_callable_has_the_annotation_of_its_function(self) -> None:
        def passes(function: Any) -> Any:
            return functools.wraps(function)(lambda *args: function(*args))

        class Caller:
            def __call__(self, place: Place) -> None: ...

            @passes
            def decorated(self, place: Place) -> None: ...

            def second(self, scale: int, place: Place) -> None: ...

        caller = Caller()
        found = [caller, caller.decorated, functools.partial(caller.second, 2), passes(Caller.second)]
        self.assertEqual([model_of(one) for one in found], [Place, Place, Place, None])

    def test_an_annotation_may_contain_the_class(self) -> None:
        place, shown = {"lon": 1, "lat": 2}, Place(1, 2)
        cases = [
            (Optional[Place], place, shown),
            (Optional[Place], None, None),
            ("Optional[Place]", place, shown),
            (Optional["Place"], place, shown),
            (Union[Place, int], 3, 3),
            (List[Place], [place], [shown]),
            (Typed[Place], [place], [shown]),
            (Dict[str, Place], {"a": place}, {"a": shown}),
            (Mapping[str, Place], {"a": place}, {"a": shown}),
            (Tuple[Place, int], [place, 3], (shown, 3)),
            (Box[int], {"value": 3}, Box(3)),
            (
                Page[Place],
                {"items": [{"lon": 1, "lat": 2}], "last": {"items": [{"lon": 3, "lat": 4}]}},
                Page([Place(1, 2)], Page([Place(3, 4)])),
            ),
            (PlaceBox, {"value": place, "count": 1}, PlaceBox(shown, 1)),
            (
                Labelled[Place, Place],
                {"value": [place], "label": place},
                Labelled([shown], shown),
            ),
            (Circle, {"middle": place}, Circle(shown)),
            (Circle, {"middle": place, "width": 6}, Circle(shown, 6)),
            (Spot, place, shown),
            (Box[Spot], {"value": place}, Box(shown)),
            (Box[Access], {"value": 3}, Box(Access.READ | Access.WRITE)),
            (Box[Access], {"value": 0}, Box(Access(0))),
            (Box[Colour], {"value": "RED"}, Box(Colour.RED)),
        ]
        for kind, given, expected in cases:
            with self.subTest(kind=kind):

                def task(value: Any) -> Any:
                    return value

                task.__annotations__["value"] = kind
                self.assertEqual(with_model(task)(given), expected)
        unknown: Any = Optional["Missing"]  # type: ignore # noqa
        for kind in (List[int], Optional[date], unknown, Dict[str, Any]):
            task.__annotations__["value"] = kind
            self.assertIsNone(model_of(task))
        with self.assertRaisesRegex(ValidationError, r"^\[1\]\.lat: is missing$"):
            read(List[Place], [place, {"lon": 1}])
        for wrong in ({}, {"middle": place, "height": 1}):
            with self.assertRaisesRegex(ValidationError, "^TypeError: .*argument"):
                read(Circle, wrong)
        for wrong in (True, 4, "READ"):
            with self.assertRaisesRegex(ValidationError, "^value: must be one of 1, 2, not"):
                read(Box[Access], {"value": wrong})

    def test_a_list_becomes_a_named_tuple(self) -> None:
        place, day = {"lon": 1, "lat": 2}, "2026-01-02"
        made = read(Framed, {"box": [place, 0.5, day], "size": [3, "a"]})
        self.assertEqual(made, Framed(Box4(Place(1, 2), 0.5, date(2026, 1, 2)), Size(3, "a")))
        self.assertEqual(type(made.box), Box4)
        self.assertEqual(read(Framed, {"box": [place, 1]}), Framed(Box4(Place(1, 2), 1)))
        for wrong, message in (
            ({"box": [place, "x"]}, "box[1]: must be a number, not 'x'"),
            ({"box": [place]}, "box: must have 2 to 3 elements, not 1"),
            ({"box": {"place": place}}, "box: must be a list, not {'place': {'lon': 1, 'lat': 2}}"),
            ({"box": [place, 1], "size": [1, 2, 3]}, "size: must have 2 elements, not 3"),
        ):
            with self.assertRaises(ValidationError) as caught:
                read(Framed, wrong)
            self.assertEqual(str(caught.exception), message)

    @unittest.skipIf(sys.version_info < (3, 12), "Python has no statement type")
    def test_the_statement_type_names_classes(self) -> None:
        names: Dict[str, Any] = {"Place": Place}
        exec("type Places = list[Place] | dict[str, Places]; type Bad = list[Missing]", names)

        def task(value: Any) -> Any:
            return value

        task.__annotations__["value"] = names["Places"]
        self.assertEqual(with_model(task)([{"lon": 1, "lat": 2}]), [Place(1, 2)])
        nested = {"a": {"b": [{"lon": 1, "lat": 2}]}}
        self.assertEqual(with_model(task)(nested), {"a": {"b": [Place(1, 2)]}})
        task.__annotations__["value"] = names["Bad"]
        self.assertIsNone(model_of(task))

    def test_the_decorators_pass_an_instance_on_unless_they_spread_it(self) -> None:
        def task(place: Place) -> Any:
            return place

        whole, spread = attempt(task), expand_args(task)
        found = [whole, as_json(whole), spread, attempt(spread)]
        self.assertEqual([model_of(one) for one in found], [Place, Place, None, None])


if __name__ == "__main__":
    unittest.main()
