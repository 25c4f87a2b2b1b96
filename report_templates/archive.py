"""What a PDF needs to be one for archives as well as one for all readers: PDF/A-3 and PDF/UA-1 in the same file.

Belongs here: what WeasyPrint, which writes one of them at a time, leaves out. Its PDF/A-3 is completed before the file
is written, so that equal packs stay equal files.
"""

from __future__ import annotations

import re
from typing import Any

# PDF/UA's own mark is no property that PDF/A knows, so the file brings its description (ISO 19005-3, 6.6.2.3).
_UA_MARK = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
_END = b"</rdf:RDF>"


def complete_archive(_document: Any, pdf: Any) -> None:
    """Complete a document of WeasyPrint's variant pdf/a-3a, a ``pydyf.PDF``, before it is written.

    It is marked as PDF/UA-1 too, each attached file is associated once, and no image asks to be smoothed.
    """
    metadata = pdf.objects[_number(pdf.catalog["Metadata"])]
    metadata.stream = [part.replace(_END, _UA_MARK + _END) for part in metadata.stream]
    pdf.catalog["AF"][:] = dict.fromkeys(_reference(each) for each in pdf.catalog["AF"])
    for one in pdf.objects:
        extra = getattr(one, "extra", None)
        if extra and extra.get("Subtype") == "/Image":
            extra["Interpolate"] = "false"


def _reference(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _number(reference: Any) -> int:
    found = re.match(rb"\d+", _reference(reference))
    assert found is not None
    return int(found[0])
