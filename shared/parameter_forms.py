"""Of which form the value of a parameter is: what programs compute with is never a guess."""

from typing import Any

from pydantic import JsonValue, TypeAdapter, ValidationError

from shared.errors import Invalid


class ParameterNotOneOf(Invalid):
    """This parameter takes one of the values that are named, and no other."""

    code = "parameter-not-one-of"


class ParameterUnfit(Invalid):
    """The value is not of this parameter's form; `where` it is wrong and `problem` say how."""

    code = "parameter-unfit"


def check_value(value: JsonValue, *, one_of: tuple[JsonValue, ...] = (), form: Any = None) -> None:
    """Refuse a value that a rule could not compute with.

    `form` is a type as pydantic knows it. Raises ParameterNotOneOf, ParameterUnfit.
    """
    # In Python 1 is True; in a parameter it is not.
    if one_of and not any(
        value == one and isinstance(value, bool) is isinstance(one, bool) for one in one_of
    ):
        raise ParameterNotOneOf(field="value", one_of=list(one_of))
    if form is None:
        return
    try:
        TypeAdapter(form).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ParameterUnfit(field="value", where=where, problem=first["msg"]) from error
