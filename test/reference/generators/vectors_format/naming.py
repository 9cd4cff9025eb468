"""PyTorch's option names as the library spells them."""


def camel(name):
    first, *rest = name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


def options_of(settings):
    return {camel(key): list(value) if isinstance(value, tuple) else value for key, value in settings.items()}
