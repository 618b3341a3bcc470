"""The wall's font Inter for a PDF: browsers take three files by script and any weight, a PDF needs one file for each weight."""

import io
from base64 import b64encode
from functools import cache

from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from dashboards.wall import vendor
from ioc.errors import ConfigError

FAMILY = "Brief Inter"
WEIGHTS = (400, 600)
SCRIPTS = ("inter-latin.woff2", "inter-latin-ext.woff2", "inter-vietnamese.woff2")


@cache
def styles() -> str:
    """CSS that brings the font, within itself. The same files give the same text.

    Raises:
        ConfigError: the vendored font is missing.
    """
    if missing := [file for file in SCRIPTS if not (vendor.VENDOR / file).is_file()]:
        raise ConfigError(
            f"{vendor.VENDOR} lacks {', '.join(missing)}: run `python -m dashboards.wall.vendor` (part of `make setup`)"
        )
    return "\n".join(
        f'@font-face {{ font-family: "{FAMILY}"; font-weight: {weight}; '
        f"src: url(data:font/ttf;base64,{b64encode(of_weight(weight)).decode()}); }}"
        for weight in WEIGHTS
    )


def of_weight(weight: int) -> bytes:
    """All scripts in one TrueType font of one weight."""
    parts = []
    for file in SCRIPTS:
        font = TTFont(vendor.VENDOR / file, recalcTimestamp=False)
        axes = {axis.axisTag: weight if axis.axisTag == "wght" else axis.defaultValue for axis in font["fvar"].axes}
        fixed = instantiateVariableFont(font, axes, inplace=True)
        fixed.flavor = None
        part = io.BytesIO()
        fixed.save(part)
        part.seek(0)
        parts.append(part)
    whole = Merger().merge(parts)
    whole.recalcTimestamp = False
    whole["head"].created = whole["head"].modified = 0
    content = io.BytesIO()
    whole.save(content)
    return content.getvalue()
