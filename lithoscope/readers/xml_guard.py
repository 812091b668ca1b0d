"""XML inside data files is parsed only after it has shown neither entities nor a document type."""

from lithoscope.errors import ReaderError


def check_xml(text: str | bytes) -> None:
    """
    Refuse XML that declares entities or refers outside itself; damaged XML is none of this check's business.

    Raises
    ------
    ReaderError
        ``unsafe-xml``.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        fromstring(text, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ReaderError(
            "the file's XML declares entities or a document type: such XML is not read", code="unsafe-xml"
        ) from error
    except (ParseError, ValueError, LookupError):
        return
